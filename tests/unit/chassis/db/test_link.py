"""What the driver raises, as the cases that callers treat differently; a deadlock is survived here."""

from collections.abc import Sequence

import asyncpg
import pytest

from libs.chassis.db import link as link_module
from libs.chassis.db.errors import Deadlock, OutcomeUnknown, Unavailable, translated
from libs.chassis.db.link import MOST_DEADLOCKS, Link


class Connection:
    """Raises what it is told to, then answers."""

    def __init__(self, errors: Sequence[Exception]) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def fetch(self, _sql: str, *_args: object) -> list[str]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return ["done"]

    def is_closed(self) -> bool:
        return False


def linked(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> tuple[Link, Connection]:
    connection = Connection(errors)

    async def connect(*_: object) -> Connection:
        return connection

    monkeypatch.setattr(link_module, "connect", connect)
    return Link("postgres://nowhere", "test"), connection


def deadlock() -> Exception:
    return asyncpg.DeadlockDetectedError("deadlock detected")


async def test_the_victim_of_a_deadlock_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    link, connection = linked(monkeypatch, deadlock(), deadlock())
    await link.rows("UPDATE …")
    assert connection.asked == 3


async def test_deadlocks_without_end_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    link, connection = linked(monkeypatch, *[deadlock() for _ in range(20)])
    with pytest.raises(Deadlock):
        await link.rows("UPDATE …")
    assert connection.asked == MOST_DEADLOCKS + 1


def test_a_value_that_no_column_takes_is_no_broken_wire() -> None:
    with pytest.raises(ValueError, match="int32"), translated(running=True):
        raise asyncpg.exceptions._base.DataError("value out of int32 range")


def test_a_connection_in_its_last_moments_is_a_broken_one() -> None:
    with pytest.raises(Unavailable), translated(running=True):
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")


def test_a_broken_wire_leaves_the_outcome_open() -> None:
    with pytest.raises(OutcomeUnknown), translated(running=True):
        raise asyncpg.InterfaceError("connection is closed")
