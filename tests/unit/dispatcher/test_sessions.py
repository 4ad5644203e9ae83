"""The session book knows who lives without asking, and writes each worker no more often than is needed."""

from datetime import timedelta
from typing import cast

import pytest

from libs.chassis.db.errors import Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.reads import Reads
from services.dispatcher.store.sessions import QUERIES, Introduction, SessionBook
from tests.doubles.clock import NOON, FakeClock

KEY = ("default", "w1")


class Table:
    """The table of sessions as far as the book sees it."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.elsewhere: list[dict[str, object]] = []
        self.away = False

    async def row(self, _sql: str, *_args: object) -> dict[str, object]:
        return {"session_id": "wsess_1", "last_seen_at": NOON}

    async def rows(self, sql: str, *args: object) -> list[dict[str, object]]:
        if self.away:
            raise Unavailable("the server is away")
        if sql == QUERIES["touch_sessions"]:
            self.written += cast(list[str], args[1])
            return []
        return self.elsewhere


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def book(table: Table, clock: FakeClock) -> SessionBook:
    seconds = {"takeover": timedelta(seconds=40), "live_for": timedelta(seconds=60)}
    return SessionBook(cast(Reads, table), cast(Link, table), clock, **seconds)


def intro(instance: str = "w1", *actions: str) -> Introduction:
    return Introduction("default", instance, f"token of {instance}", 1, None, None, (), actions, "key_1")


async def test_one_that_waits_is_written_once_in_a_while(book: SessionBook, table: Table, clock: FakeClock) -> None:
    await book.meet(intro())
    book.park(KEY)
    for _ in range(30):
        clock.advance(timedelta(seconds=1))
        await book.exchange()
    assert table.written == ["w1"] * 3


async def test_the_last_sign_of_life_is_written_too(book: SessionBook, table: Table, clock: FakeClock) -> None:
    await book.meet(intro())
    clock.advance(timedelta(seconds=3))
    book.beat(*KEY)
    for _ in range(30):
        clock.advance(timedelta(seconds=1))
        await book.exchange()
    assert table.written == ["w1"]


async def test_a_sign_of_life_is_kept_until_it_is_written(book: SessionBook, table: Table, clock: FakeClock) -> None:
    await book.meet(intro())
    clock.advance(3)
    book.beat(*KEY)
    clock.advance(10)
    table.away = True
    with pytest.raises(Unavailable):
        await book.exchange()
    table.away = False
    await book.exchange()
    assert table.written == ["w1"]


async def test_an_action_is_listed_as_long_as_one_of_its_workers_lives(book: SessionBook, clock: FakeClock) -> None:
    await book.meet(intro("w1", "a", "b"))
    await book.meet(intro("w2", "b"))
    book.park(("default", "w2"))
    assert [book.is_listed("default", action) for action in "abc"] == [True, True, False]
    assert not book.is_listed("else", "a")
    clock.advance(timedelta(seconds=61))
    assert [book.is_listed("default", action) for action in "ab"] == [False, True]
    await book.exchange()
    book.unpark(("default", "w2"))
    clock.advance(timedelta(seconds=61))
    await book.exchange()
    assert [book.is_listed("default", action) for action in "ab"] == [False, False]


async def test_a_worker_that_lists_others_keeps_what_it_listed_no_more(book: SessionBook) -> None:
    await book.meet(intro("w1", "a", "b"))
    await book.meet(intro("w1", "b", "c"))
    assert [book.is_listed("default", action) for action in "abc"] == [False, True, True]


async def test_what_workers_of_another_replica_list_counts_while_they_live(
    book: SessionBook, table: Table, clock: FakeClock
) -> None:
    table.elsewhere = [{"project": "default", "action": "a", "last_seen_at": clock.now()}]
    await book.exchange()
    assert book.is_listed("default", "a")
    clock.advance(timedelta(seconds=61))
    assert not book.is_listed("default", "a")
