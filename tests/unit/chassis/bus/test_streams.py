"""How the records of a batch are told apart: handled, dropped, set aside, kept."""

from collections.abc import Sequence

import pytest

from libs.chassis.bus import sequences
from libs.chassis.bus.batch import Heard, Record
from libs.chassis.bus.decoding import decode_all
from libs.chassis.bus.parking import Parked
from libs.chassis.bus.plan import Plan
from libs.chassis.bus.streams import Streams
from tests.integration.chassis.write_path import claimed, said

PLACE = ("t", 0)


def record(stream: str, sequence: int, offset: int = 0, partition: int = 0, attempt: int = 1) -> Record:
    raw = said(stream, sequence - 1, [claimed(stream, attempt)])[0].raw
    return Record("t", partition, offset, 0, b"key", raw)


def unknown(record: Record) -> Record:
    assert record.value is not None
    return Record("t", record.partition, 0, 0, None, record.value.replace(b"job.claimed", b"job.dreamt"))


def planned(streams: Streams, records: Sequence[Record], forgiven: Sequence[str] = ()) -> Plan:
    decoded = decode_all(records)
    return streams.plan(decoded.heard, decoded.skipped, forgiven)


def commit(streams: Streams, records: Sequence[Record], offset: int = 1) -> Plan:
    plan = planned(streams, records)
    streams.committed(plan, {PLACE: offset})
    return plan


def names(items: Sequence[Heard]) -> list[str]:
    return [item.event.id for item in items]


def test_records_that_follow_each_other_are_handled_within_a_batch_and_over_batches() -> None:
    streams = Streams()
    assert names(commit(streams, [record("a", 7), record("b", 1), record("a", 8)]).heard) == ["a:7", "b:1", "a:8"]
    assert names(planned(streams, [record("a", 9), record("b", 2)]).heard) == ["a:9", "b:2"]


def test_what_was_not_committed_is_not_remembered() -> None:
    streams = Streams()
    commit(streams, [record("a", 1)])
    planned(streams, [record("a", 2)])
    assert names(planned(streams, [record("a", 2)]).heard) == ["a:2"]


def test_a_repeat_is_dropped_and_another_record_of_its_name_set_aside() -> None:
    streams = Streams()
    commit(streams, [record("a", 1), record("a", 2)])
    plan = planned(streams, [record("a", 2), record("a", 1, attempt=2), record("a", 2, attempt=2)])
    assert (plan.heard, plan.parked, [one.reason for one in plan.aside]) == ([], {}, ["sequence_conflict"])


def test_a_gap_parks_the_stream_and_keeps_what_follows() -> None:
    streams = Streams()
    commit(streams, [record("a", 1)])
    plan = commit(streams, [record("a", 3), record("b", 1), record("a", 4)])
    assert names(plan.heard) == ["b:1"]
    assert [(one.stream, one.sequence) for one in plan.kept] == [("a", 3), ("a", 4)]
    assert [(one.reason, one.done, one.wanted) for one in plan.newly_parked] == [("sequence_gap", 1, None)]
    assert streams.parked_in([PLACE]) == 1
    after = commit(streams, [record("a", 2)])
    assert [(one.version, one.wanted) for one in after.parked.values()] == [(2, "go_on")]
    assert streams.hurried


def test_a_gap_that_is_forgiven_is_none() -> None:
    streams = Streams()
    commit(streams, [record("a", 1)])
    assert names(planned(streams, [record("a", 5), record("a", 6)], forgiven=["a"]).heard) == ["a:5", "a:6"]


@pytest.mark.parametrize("together", [True, False])
def test_records_that_are_dead_letters_already_leave_no_gap(together: bool) -> None:
    streams = Streams()
    commit(streams, [record("a", 1)])
    skipped, following = [unknown(record("a", 2)), unknown(record("a", 3))], record("a", 4)
    if not together:
        assert commit(streams, skipped).heard == []
    plan = planned(streams, [*skipped, following] if together else [following])
    assert (names(plan.heard), plan.gaps) == (["a:4"], [])


def test_equal_streams_of_two_partitions_have_nothing_to_do_with_each_other() -> None:
    streams = Streams()
    commit(streams, [record("a", 1)])
    assert names(planned(streams, [record("a", 5, partition=1)]).heard) == ["a:5"]


def test_what_is_remembered_holds_at_its_offset_only() -> None:
    streams = Streams()
    commit(streams, [record("a", 5)], offset=10)
    streams.begin({PLACE: 10}, [])
    assert planned(streams, [record("a", 5)]).heard == []
    streams.begin({PLACE: 12}, [])
    assert names(planned(streams, [record("a", 5)]).heard) == ["a:5"]


def test_the_streams_seen_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "REMEMBERED_STREAMS", 2)
    streams = Streams()
    last = [record("a", 1), record("b", 1), record("a", 2), record("c", 1)]
    for one in last:
        commit(streams, [one])
    assert names(planned(streams, last[1:]).heard) == ["b:1"]


def test_what_is_parked_here_is_what_the_database_says() -> None:
    streams = Streams()
    parked = Parked("park_1", PLACE, "a", "handler_failed", "error", done=1)
    streams.begin({PLACE: 5}, [parked])
    plan = planned(streams, [record("a", 2), record("b", 1)])
    assert (names(plan.heard), [one.version for one in plan.parked.values()]) == (["b:1"], [2])
    streams.set_parked([PLACE], [])
    assert names(planned(streams, [record("a", 2)]).heard) == ["a:2"]


def test_a_stream_whose_name_the_database_cannot_hold_is_set_aside_instead() -> None:
    plan = Plan()
    plan.park(decode_all([record("a\0b", 3)]).heard[0], "handler_failed", "error")
    assert ([one.reason for one in plan.aside], plan.parked, plan.kept) == (["handler_failed"], {}, [])
