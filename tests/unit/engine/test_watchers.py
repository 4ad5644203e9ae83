"""Watches: nothing lost between reading the journal and hearing commits, nothing told twice."""

import asyncio

import pytest

from libs.chassis.journal.entry import Context, Entry, entry
from libs.contracts.events.engine import RunCompleted, RunFailed
from services.engine.store.watchers import FellBehind, Watch, Watchers
from tests.doubles.clock import NOON

RUN = "run_1"


def said(sequence: int, run_id: str = RUN) -> Entry:
    return entry(Context(service="engine", project="p", now=NOON), run_id, sequence, run_id, RunCompleted(outputs={}))


async def sequences(watch: Watch) -> list[int]:
    return [event.sequence for event in await asyncio.wait_for(watch.next(), 1)]


async def test_what_is_committed_while_the_journal_is_read_is_told_once() -> None:
    watchers = Watchers(10)
    watch = watchers.watch(RUN)
    watchers.tell([said(4), said(2), said(3)])
    watch.begin(2)
    assert await sequences(watch) == [3, 4]
    watchers.tell([said(3), said(4), said(5)])
    assert await sequences(watch) == [5]


async def test_a_gap_asks_for_the_tail_and_is_filled_in_order() -> None:
    watchers = Watchers(10)
    gaps: list[bool] = []
    watchers.on_gap = lambda: gaps.append(True)
    watch = watchers.watch(RUN)
    watch.begin(1)
    watchers.tell([said(3)])
    assert gaps == [True]
    assert watchers.seen() == {RUN: 1}
    watchers.hear([said(2).event, said(3).event])
    assert await sequences(watch) == [2, 3]


async def test_waiting_ends_with_the_next_event() -> None:
    watchers = Watchers(10)
    watch = watchers.watch(RUN)
    watch.begin(1)
    waiting = asyncio.create_task(sequences(watch))
    await asyncio.sleep(0)
    watchers.tell([said(2, "run_other"), said(2)])
    assert await waiting == [2]


async def test_who_takes_too_little_is_let_go_behind_what_waited() -> None:
    watchers = Watchers(2)
    watch = watchers.watch(RUN)
    watch.begin(0)
    watchers.tell([said(1), said(2), said(3)])
    assert await sequences(watch) == [1, 2]
    with pytest.raises(FellBehind):
        await watch.next()


def test_the_slowest_watch_says_from_where_to_read() -> None:
    watchers = Watchers(10)
    first, second, early = (watchers.watch(RUN) for _ in range(3))
    first.begin(5)
    second.begin(3)
    assert watchers.seen() == {RUN: 3}
    for watch in (first, second, early, early):
        watchers.leave(watch)
    assert watchers.seen() == {}


async def test_who_waits_for_the_end_is_not_woken_by_what_comes_before() -> None:
    watchers = Watchers(10)
    watch = watchers.watch(RUN, (RunFailed,))
    watch.begin(1)
    watchers.tell([said(2), said(3)])
    assert not watch.arrived.is_set()
    failed = RunFailed(error_type="run_cancelled", error_message="enough", errors=[], closed=[])
    watchers.tell([entry(Context(service="engine", project="p", now=NOON), RUN, 4, RUN, failed)])
    assert watch.arrived.is_set()
    assert await sequences(watch) == [4]
