"""Histories recorded by earlier releases fold to the state that they folded to then."""

import pytest

from libs.contracts.codec import Json
from libs.contracts.envelope import encode
from libs.contracts.registry import decode
from tests.replay.recording import folded, names, pinned, recorded_events
from tests.replay.scenarios import SCENARIOS


@pytest.mark.parametrize("name", names())
def test_a_recorded_history_folds_to_its_pinned_state(name: str) -> None:
    assert agree(pinned(name), folded(recorded_events(name)))


@pytest.mark.parametrize("name", names())
def test_a_recorded_history_is_one_stream_without_gaps(name: str) -> None:
    events = [decode(raw) for raw in recorded_events(name)]

    assert len({event.subject for event in events}) == 1
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize("name", names())
def test_a_recorded_history_ends_at_most_once_and_then_for_good(name: str) -> None:
    types = [decode(raw).type for raw in recorded_events(name)]

    assert not {"run.completed", "run.failed"} & {*types[:-1]}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_domain_of_today_decides_as_it_did_when_it_was_recorded(scenario: str) -> None:
    """May be narrowed when decisions change for a reason; the test above may not."""
    assert [encode(event) for event in SCENARIOS[scenario]()] == recorded_events(scenario)


def test_a_change_in_a_history_is_noticed() -> None:
    stream = recorded_events("published_example")
    changed = [line.replace(b"Short.", b"Other.") for line in stream]

    assert not agree(pinned("published_example"), folded(changed))


def agree(before: Json, now: Json) -> bool:
    """Whether everything said before is still said, types of numbers included; what is new may stand beside it."""
    if isinstance(before, dict) and isinstance(now, dict):
        return all(name in now and agree(value, now[name]) for name, value in before.items())
    if isinstance(before, list) and isinstance(now, list):
        return len(before) == len(now) and all(map(agree, before, now))
    return type(before) is type(now) and before == now
