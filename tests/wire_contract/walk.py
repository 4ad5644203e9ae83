"""Asks every operation: once rightly, and in the ways in which requests commonly go wrong."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tests.e2e.calls import Caller, Reply
from tests.e2e.operations.credentials import UNKNOWN
from tests.e2e.operations.documented import Operation
from tests.e2e.operations.ground import Ground
from tests.e2e.operations.row import Asked, Places, asked, ids_of, unknown
from tests.e2e.operations.rows import ROWS


@dataclass(frozen=True)
class Exchange:
    """What was asked and answered. `right`: the request is one that the file should allow."""

    asked: Asked
    reply: Reply
    right: bool


async def walk(ground: Ground, operation: Operation) -> AsyncIterator[Exchange]:
    """The exchanges of one operation of ours."""
    row, caller = ROWS[operation.id], ground.caller
    places = await ground.for_row(row)
    right = asked(operation.method, operation.path, row, places)
    yield Exchange(right, await _send(caller, right), right=True)
    yield Exchange(right, await _send(caller, right, f"Bearer {UNKNOWN}"), right=False)
    for wrong in _wrong(operation, right, places):
        yield Exchange(wrong, await _send(caller, wrong), right=False)


def _wrong(operation: Operation, right: Asked, places: Places) -> list[Asked]:
    """To a project that is none, to things that are none, with a query that is none, with a body that is none."""
    row = ROWS[operation.id]
    found = []
    if operation.is_of_a_project:
        found.append(asked(operation.method, operation.path, row, {**places, "project": "never-was"}))
    if ids := ids_of(row)["path"]:
        absent = {**places, **{name: unknown(places[name]) for name in ids}}
        found.append(asked(operation.method, operation.path, row, absent))
    mark = "&" if "?" in right.path else "?"
    found.append(Asked(right.method, f"{right.path}{mark}no_such_parameter=1", right.body))
    if right.body is not None:
        found.append(Asked(right.method, right.path, b'{"no_such_field": 1}'))
    return found


async def _send(caller: Caller, request: Asked, authorization: str = "") -> Reply:
    return await caller.call(request.method, request.path, request.body, authorization=authorization)
