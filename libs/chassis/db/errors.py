"""What can go wrong between a service and its database, as cases that callers treat differently."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import asyncpg

CONFLICT_STATE = "MB001"


class Conflict(Exception):
    """Somebody else wrote first: a stream moved on, or a position is not where it was. Reload and decide again."""


class Deadlock(Conflict):
    """Two statements waited for each other, and ours was rolled back. Again, as it is: now the other is through."""


class Unavailable(Exception):
    """The database cannot be reached or does not answer. The statement was not started, or it was rolled back."""

    reason: ClassVar[str] = "unavailable"
    """What a refused request is counted as."""


class Overloaded(Unavailable):
    """Too much waits already, or for too long. Nothing was written; try again later."""

    reason: ClassVar[str] = "overloaded"


class OutcomeUnknown(Unavailable):
    """The connection broke while a statement was running: it may have committed. Read back before trying again."""

    reason: ClassVar[str] = "outcome_unknown"


@contextmanager
def translated(*, running: bool) -> Iterator[None]:
    """Turns the driver's exceptions into the three cases. `running`: the statement has been sent.

    An argument that the driver cannot encode stays what it is: no waiting makes it fit. A connection on which the
    server has said farewell, but which is not closed yet, is an internal error to the driver, and to us a broken one.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Conflict(error.constraint_name or str(error)) from error
    except asyncpg.PostgresError as error:
        raise _translate(error, running=running) from error
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError) as error:
        if isinstance(error, ValueError):
            raise
        raise (OutcomeUnknown if running else Unavailable)(f"{type(error).__name__}: {error}") from error


_DOWN = ("08", "28", "53", "57")
"""SQLSTATE classes: connection exception, invalid authorization, insufficient resources, operator intervention."""


def _translate(error: asyncpg.PostgresError, *, running: bool) -> Exception:
    state = str(error.sqlstate or "")
    if state in (CONFLICT_STATE, "40001"):
        return Conflict(str(error))
    if state == "40P01":
        return Deadlock(str(error))
    if state.startswith(_DOWN):
        return (OutcomeUnknown if running and state.startswith("08") else Unavailable)(str(error))
    return error
