"""How the matrix asks, and how it tells two answers apart."""

from collections.abc import Iterable
from typing import Any, cast

import pytest

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from tests.e2e.calls import Caller, Reply
from tests.e2e.operations.documented import Documented, Operation
from tests.e2e.operations.row import Places, asked
from tests.e2e.operations.rows import ROWS

OPERATIONS = list(Documented(cast("dict[str, Any]", parse_own_json(published("openapi.json")))).operations())
UNLIKE = ("date", "x-request-id")
"""Headers that differ between any two answers."""


def named(operations: Iterable[Operation]) -> pytest.MarkDecorator:
    """One case of a test for each of them."""
    return pytest.mark.parametrize("operation", list(operations), ids=lambda operation: operation.id)


async def ask(caller: Caller, operation: Operation, places: Places, authorization: str | None) -> Reply:
    """The operation's right request with this key."""
    right = asked(operation.method, operation.path, ROWS[operation.id], places)
    return await caller.call(right.method, right.path, right.body, authorization=authorization)


def refusal_of(reply: Reply) -> tuple[int, object]:
    """The status and the code of the error."""
    error = reply.json["error"]
    assert isinstance(error, dict)
    return reply.status, error["code"]


def seen(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    """All that somebody could tell two answers apart by."""
    return (
        reply.status,
        reply.raw,
        {name.lower(): value for name, value in reply.headers.items() if name.lower() not in UNLIKE},
    )


def blind(reply: Reply, places: Places, instead: Places) -> Reply:
    """The answer as it would be if it had been asked with the other ids: what it repeats of the request."""
    raw = reply.raw
    for name, value in places.items():
        if instead[name] != value:
            raw = raw.replace(value.encode(), instead[name].encode())
    return Reply(reply.status, reply.headers, raw)
