"""Which kept records come next when a parked stream goes on."""

from collections.abc import Sequence

from libs.chassis.bus.batch import Record
from libs.chassis.bus.parking import Kept, Parked, Wanted
from libs.chassis.bus.picking import Picked, pick
from tests.unit.chassis.bus.test_streams import PLACE, record


def kept(sequence: int, offset: int, attempt: int = 1) -> Kept:
    return Kept("a", sequence, record("a", sequence, offset, attempt=attempt))


def picked(records: Sequence[Kept], wanted: Wanted = "go_on") -> Picked:
    return pick(Parked("park_1", PLACE, "a", "sequence_gap", "error", done=1, wanted=wanted), records)


def sequences(found: Picked) -> list[int]:
    return [item.event.sequence for item in found.heard]


def test_what_follows_is_picked_up_to_the_next_gap() -> None:
    found = picked([kept(2, 30), kept(3, 20), kept(5, 21)])
    assert (sequences(found), found.done, len(found.settled)) == ([2, 3], 3, 2)


def test_nothing_is_picked_before_a_gap_unless_somebody_accepted_it() -> None:
    assert picked([kept(3, 20)]).settled == []
    found = picked([kept(3, 20), kept(4, 21), kept(6, 22)], wanted="resume")
    assert (sequences(found), found.done) == ([3, 4], 4)


def test_repeats_are_settled_without_being_handled_again() -> None:
    found = picked([kept(1, 10), kept(2, 20), kept(2, 30)])
    assert (sequences(found), len(found.settled), found.aside) == ([2], 3, [])


def test_a_repeat_that_says_something_else_is_set_aside() -> None:
    found = picked([kept(2, 20), kept(2, 30, attempt=2), kept(3, 21)])
    assert sequences(found) == [2, 3]
    assert [(one.record.offset, one.reason) for one in found.aside] == [(30, "sequence_conflict")]


def test_a_record_that_this_release_cannot_read_is_set_aside_and_passed_over() -> None:
    unreadable = Kept("a", 2, Record("t", 0, 20, 0, None, b"{}"))
    found = picked([unreadable, kept(3, 21)])
    assert (sequences(found), found.done, [one.reason for one in found.aside]) == ([3], 3, ["invalid_envelope"])
