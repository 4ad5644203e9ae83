"""Cursors come back as they were given, and anything else is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.decider import Rejected
from libs.chassis.http import decode_cursor, decode_moment, encode_cursor, encode_moment

POSITIONS = st.tuples(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20), st.integers(0, 2**63 - 1)
)


@given(POSITIONS)
def test_a_cursor_comes_back_as_it_was_given(position: tuple[str, int]) -> None:
    assert decode_cursor(encode_cursor(*position), (str, int)) == position


@given(st.text(max_size=60))
def test_any_text_is_decoded_or_refused(text: str) -> None:
    assert isinstance(decode_cursor(text, (str, int)), Rejected | tuple)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "e30",
        "é",
        encode_cursor("a"),
        encode_cursor("a", "b"),
        encode_cursor(1, 1),
        encode_cursor("a", 1) + "x",
    ],
)
def test_a_cursor_of_another_form_names_its_field(text: str) -> None:
    refused = decode_cursor(text, (str, int))
    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.field) == ("invalid_argument", "cursor")


@given(st.datetimes(timezones=st.just(UTC)), st.text(st.characters(codec="ascii", exclude_characters="\x00")))
def test_a_moment_comes_back_as_it_was_given(moment: datetime, item: str) -> None:
    assert decode_moment(encode_moment(moment, item)) == (moment, item)


@pytest.mark.parametrize(
    "moment",
    ["", "1", "2030-01-31", "2030-01-31T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)
def test_a_moment_that_is_none_or_that_utc_does_not_have_names_its_field(moment: str) -> None:
    refused = decode_moment(encode_cursor(moment, "a"))
    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.field) == ("invalid_argument", "cursor")
