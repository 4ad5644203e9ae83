"""The sequencer lets an event out only behind its predecessor, whatever the order in which events wake up."""

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.journal.entry import Entry
from libs.chassis.outbox.sequencer import Sequencer
from tests.integration.chassis.write_path import claimed, said


def events(stream: str, count: int) -> list[Entry]:
    return said(stream, 0, [claimed(stream, number) for number in range(1, count + 1)])


def ids(entries: Sequence[Entry]) -> list[str]:
    return [entry.event.id for entry in entries]


def test_events_in_order_go_out_at_once() -> None:
    ready, gap = Sequencer().admit(events("run_a", 3))
    assert ids(ready) == ["run_a:1", "run_a:2", "run_a:3"]
    assert not gap


def test_an_event_ahead_of_its_predecessor_waits_and_is_a_gap() -> None:
    first, second, third = events("run_a", 3)
    sequencer = Sequencer()
    ready, gap = sequencer.admit([third, first])
    assert ids(ready) == ["run_a:1"]
    assert gap
    sequencer.published(ready)
    assert ids(sequencer.trust([first, second, third])) == ["run_a:2", "run_a:3"]


def test_what_was_published_never_goes_out_again() -> None:
    sequencer = Sequencer()
    ready, _ = sequencer.admit(events("run_a", 2))
    sequencer.published(ready)
    assert sequencer.admit(events("run_a", 2)) == ([], False)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(0, 2**32))
def test_any_order_of_offers_comes_out_in_order_with_nothing_lost(lengths: list[int], seed: int) -> None:
    streams = [events(f"run_{place}", length) for place, length in enumerate(lengths)]
    offers = [entry for stream in streams for entry in stream]
    Random(seed).shuffle(offers)
    sequencer, out = Sequencer(), []
    for offer in offers:
        ready, gap = sequencer.admit([offer])
        sequencer.published(ready)
        out += ready
        if gap:
            back = sequencer.trust([entry for stream in streams for entry in stream if entry in offers])
            sequencer.published(back)
            out += back
    for stream in streams:
        assert [entry for entry in out if entry in stream] == stream
