"""The judge of the world sees what is wrong with one."""

import json

import pytest

from tests.e2e.failpoints.world import World, agree, ends_once, first_of_each


def event(sequence: int, kind: str = "run.started") -> bytes:
    return json.dumps({"id": f"run_1:{sequence}", "subject": "run_1", "sequence": sequence, "type": kind}).encode()


ONE, TWO, THREE = event(1), event(2), event(3, "run.completed")
FOUR = event(4, "run.failed")


def test_repeats_are_dropped_and_what_is_no_event_is_no_matter() -> None:
    agree("engine", {"run_1": [ONE, TWO, THREE]}, first_of_each([ONE, TWO, b"{", b"[]", ONE, TWO, THREE]))


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        ([ONE, TWO, THREE], [ONE, THREE]),
        ([ONE, TWO, THREE], [ONE, THREE, TWO]),
        ([ONE, TWO], [ONE, TWO, THREE]),
        ([ONE, TWO], [ONE, event(2, "run.failed")]),
        ([ONE, TWO], []),
        ([ONE, THREE], [ONE, THREE]),
    ],
    ids=["lost", "out of order", "never written down", "other bytes", "silence", "a gap"],
)
def test_a_service_that_did_not_say_what_it_wrote_down_is_found_out(journal: list[bytes], said: list[bytes]) -> None:
    with pytest.raises(AssertionError):
        agree("engine", {"run_1": journal}, first_of_each(said))


def test_a_stream_of_states_may_begin_late_and_has_no_gap_from_there_on() -> None:
    agree("catalog", {"action-state/p/a": [TWO, THREE]}, {"action-state/p/a": [ONE, TWO, THREE]})
    for said in ([TWO, THREE], [ONE, TWO, THREE, FOUR], [ONE, THREE, TWO]):
        with pytest.raises(AssertionError):
            agree("catalog", {"action-state/p/a": [TWO, THREE]}, {"action-state/p/a": said})


@pytest.mark.parametrize(
    "events", [[ONE, TWO], [ONE, THREE, THREE], [ONE, THREE, TWO], [THREE, event(4, "run.failed")]]
)
def test_a_run_that_does_not_end_once_and_for_all_is_found_out(events: list[bytes]) -> None:
    with pytest.raises(AssertionError):
        ends_once(World({"engine": {"run_1": events}}, {}), "run_1", "run.completed")
