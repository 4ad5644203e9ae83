"""Every operation, asked rightly: it answers, and just as the OpenAPI document says."""

from typing import Any, cast

import pytest

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from tests.e2e.operations.documented import Documented, Operation
from tests.e2e.operations.ground import Ground
from tests.e2e.operations.row import asked
from tests.e2e.operations.rows import ROWS

DOCUMENTED = Documented(cast("dict[str, Any]", parse_own_json(published("openapi.json"))), closed=True)
OPERATIONS = list(DOCUMENTED.operations())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
async def test_a_right_request_is_answered_as_documented(laid: Ground, operation: Operation) -> None:
    row = ROWS[operation.id]
    right = asked(operation.method, operation.path, row, await laid.for_row(row))
    assert DOCUMENTED.faults_of_body(operation, right.body) == []

    reply = await laid.caller.call(right.method, right.path, right.body)

    assert reply.status == row.status, reply.raw
    assert DOCUMENTED.faults(operation, reply) == [], reply.raw
