"""Addresses, and what is read from them."""

from datetime import UTC, datetime
from typing import Literal

import pytest

from libs.chassis.decider import Rejected
from services.audit.dashboard.places import Period, kept, read_choice, read_period

CHOICES: tuple[Literal["active", "failed"], ...] = ("active", "failed")


@pytest.mark.parametrize(("text", "chosen"), [(None, None), ("failed", "failed")])
def test_a_choice_that_there_is_is_read(text: str | None, chosen: str | None) -> None:
    assert read_choice(text, "status", CHOICES) == chosen


@pytest.mark.parametrize("text", ["", "Failed", "x" * 5_000])
def test_a_choice_that_there_is_not_is_refused_with_those_that_there_are(text: str) -> None:
    refused = read_choice(text, "status", CHOICES)

    assert isinstance(refused, Rejected)
    assert refused.field == "status"
    assert refused.sentence.startswith("expected one of active, failed, but the status is ")
    assert len(refused.sentence) < 200


def test_a_period_is_open_where_nothing_is_said() -> None:
    first = datetime(2030, 1, 31, tzinfo=UTC)

    assert read_period({}) == Period(None, None)
    assert read_period({"since": "2030-01-31"}) == Period(first, None)
    assert read_period({"since": "2030-01-31", "until": "2030-01-31T00:01"}) == Period(first, first.replace(minute=1))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "x", "until": "y"}, "since"),
        ({"until": "y"}, "until"),
        ({"since": "2030-01-31", "until": "2030-01-31"}, "until"),
    ],
)
def test_a_period_that_is_none_is_refused_at_its_field(query: dict[str, str], field: str) -> None:
    refused = read_period(query)

    assert isinstance(refused, Rejected)
    assert refused.field == field


def test_only_what_an_address_has_of_the_wanted_is_kept() -> None:
    assert kept({"a": "1", "b": "2"}, ("b", "c")) == {"b": "2"}
