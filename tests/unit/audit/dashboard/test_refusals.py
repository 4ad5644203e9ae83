"""Refusals of several fields: made, and read as forms show them."""

from libs.chassis.decider import Rejected
from services.audit.dashboard.refusals import errors_of, is_within, refused, told


def test_a_refusal_says_everything_of_every_field() -> None:
    problems = [("a", "expected more"), ("b.c", "expected less")]

    assert told(refused(problems)) == problems
    assert (refused(problems).field, refused(problems).sentence) == problems[0]


def test_a_refusal_without_a_list_is_said_at_its_field() -> None:
    assert told(Rejected("invalid_argument", "expected it shorter", "external_id")) == [
        ("external_id", "expected it shorter")
    ]
    assert told(Rejected("exhausted", "expected room")) == [("", "expected room")]
    assert told(None) == []
    assert errors_of(None) == []


def test_a_list_that_is_none_says_nothing() -> None:
    assert errors_of(Rejected("exhausted", "expected room", details={"errors": "many"})) == []


def test_a_part_is_within_its_field_and_a_longer_name_is_not() -> None:
    assert [is_within(field, "a.b") for field in ("a.b", "a.b.c", "a.b[0]", "a.bc", "a", "")] == [True] * 3 + [
        False
    ] * 3
