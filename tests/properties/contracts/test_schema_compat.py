"""No change that is called safe may have a value that shows the opposite, by the validators that run in production."""

from random import Random

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs.canonical import CanonicalizationError, Containment

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_compat import compare_input, compare_output
from libs.contracts.schema_gate import check_schema, compile_schema
from tests.properties.contracts.random_schemas import pair
from tests.properties.contracts.telling_values import telling_values

RANDOM = st.integers(0, 2**32 - 1).map(Random)


@given(RANDOM)
@settings(max_examples=1_000)
def test_what_is_called_safe_has_no_value_that_shows_the_opposite(random: Random) -> None:
    no_value_shows_the_opposite(random)


@pytest.mark.nightly
@pytest.mark.timeout(3_000)
@given(RANDOM)
@settings(max_examples=20_000)
def test_what_is_called_safe_has_no_value_that_shows_the_opposite_in_many_schemas(random: Random) -> None:
    no_value_shows_the_opposite(random)


def no_value_shows_the_opposite(random: Random) -> None:
    one, other = pair(random)
    if check_schema(one) or check_schema(other):
        return
    values = telling_values((one, other), Random(3))
    for old, new in ((one, other), (other, one)):
        if compare_input(old, new).safe:
            assert refused(old, new, values) == []
        if compare_output(old, new).safe:
            assert refused(new, old, values) == []


def refused(given_to: JsonObject, wanted: JsonObject, values: list[Json]) -> list[Json]:
    """The values that fit the first schema and not the second."""
    first, second = compile_schema(given_to).validators, compile_schema(wanted).validators
    return [value for value in values if not first.is_invalid("", value) and second.is_invalid("", value)]


def test_safe_changes_are_called_safe_mostly_and_never_against_a_second_opinion() -> None:
    """The second opinion proves by normal forms: it shares no idea with ours, only what a value does."""
    random = Random(7)
    by_both = by_second = compared = safe = 0
    for _ in range(600):
        old, new = pair(random)
        if check_schema(old) or check_schema(new):
            continue
        ours, second = compare_input(old, new).safe, second_opinion(old, new)
        assert not (ours and second is Containment.NO), (old, new)
        compared, safe = compared + 1, safe + ours
        by_second, by_both = by_second + (second is Containment.YES), by_both + (ours and second is Containment.YES)
    assert safe > 0.4 * compared
    assert by_both > 0.9 * by_second


def second_opinion(old: JsonObject, new: JsonObject) -> Containment:
    try:
        wide, narrow = (jsonschema_rs.canonicalize(one, offline=True, validate_formats=False) for one in (new, old))
        return wide.covers(narrow)
    except CanonicalizationError:
        return Containment.UNKNOWN
