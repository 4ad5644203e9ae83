"""Marks spare claims the way over jobs that are gone, follow at a distance, and are put right by every look."""

from typing import cast

import pytest

from services.dispatcher.store.lanes import Lane, LaneBook, Sighting, Wanted
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.waiters import Waiters
from services.dispatcher.workers import lane_watcher
from services.dispatcher.workers.lane_watcher import LaneWatcher

WORK = Lane("default", "worker", "work", "default")
SLOW = Lane("default", "worker", "work", "slow")
OTHER = Lane("default", "worker", "other", "default")
ANY = Wanted("default")


def book_of(*lanes: Lane) -> LaneBook:
    book = LaneBook()
    for lane in lanes:
        book.note(lane)
    return book


def test_only_lanes_that_fit_and_have_jobs_are_looked_into() -> None:
    book = book_of(WORK, SLOW, OTHER, Lane("else", "worker", "work", "default"))
    assert [lane for lane, _ in book.fitting(ANY)] == [WORK, SLOW, OTHER]
    assert [lane for lane, _ in book.fitting(Wanted("default", queues=("slow",)))] == [SLOW]
    assert [lane for lane, _ in book.fitting(Wanted("default", actions=("other",)))] == [OTHER]
    assert book.fitting(Wanted("default", kind="server")) == []


def test_a_lane_in_which_nothing_was_found_is_left_alone_until_jobs_come() -> None:
    book = book_of(WORK)
    book.dry([WORK], book.now())
    assert book.fitting(ANY) == []
    book.note(WORK)
    assert book.fitting(ANY) == [(WORK, 0)]


def test_jobs_that_come_during_a_look_are_not_forgotten() -> None:
    book = book_of(WORK)
    looked = book.now()
    book.note(WORK)
    book.dry([WORK], looked)
    book.sighted([], looked)
    assert book.fitting(ANY) == [(WORK, 0)]


def test_a_mark_follows_the_claims_a_tick_behind() -> None:
    book = book_of(WORK)
    book.reached(WORK, 7)
    book.tick()
    assert book.fitting(ANY) == [(WORK, 0)]
    book.reached(WORK, 9)
    book.tick()
    assert book.fitting(ANY) == [(WORK, 7)]
    book.tick()
    assert book.fitting(ANY) == [(WORK, 9)]


def test_a_mark_outlives_the_jobs_of_its_lane() -> None:
    book = book_of(WORK)
    book.reached(WORK, 7)
    book.tick()
    book.tick()
    book.dry([WORK], book.now())
    book.note(WORK)
    assert book.fitting(ANY) == [(WORK, 7)]


def test_a_look_brings_a_mark_back_to_a_job_that_it_has_passed() -> None:
    book = book_of(WORK)
    book.reached(WORK, 9)
    book.tick()
    book.tick()
    book.sighted([Sighting(WORK, 4)], book.now())
    assert book.fitting(ANY) == [(WORK, 3)]
    book.tick()
    book.tick()
    assert book.fitting(ANY) == [(WORK, 3)]


def test_a_look_finds_what_nobody_noted_and_where_it_begins() -> None:
    book = book_of(OTHER)
    book.sighted([Sighting(WORK, 200_001)], book.now())
    assert book.fitting(ANY) == [(WORK, 0)]
    book.tick()
    book.tick()
    assert book.fitting(ANY) == [(WORK, 200_000)]


class HeldUp:
    """A queue whose first look takes a minute of a clock that only it moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0

    def clock(self) -> float:
        return self.now

    async def find_lanes(self) -> list[Sighting]:
        self.looks += 1
        self.now += 60
        return []


async def test_a_look_that_was_held_up_is_not_the_last_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = HeldUp()
    monkeypatch.setattr(lane_watcher, "monotonic", queue.clock)
    watcher = LaneWatcher(cast(Queue, queue), LaneBook(), Waiters(), [])
    await watcher.step()
    await watcher.step()
    assert queue.looks == 1
    queue.now += lane_watcher.MOST_REST_SECONDS
    await watcher.step()
    assert queue.looks == 2
