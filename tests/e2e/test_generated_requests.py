"""Requests that schemathesis makes from the OpenAPI document: whatever comes in, nothing breaks, and what goes out is
as the document says. A few for each operation here; `make nightly` tries many more of them.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from tests.e2e.installation import Installation
from tests.e2e.operations.documented import Documented, Operation
from tests.e2e.operations.ground import Ground
from tests.e2e.operations.row import Places, asked, filled
from tests.e2e.operations.rows import ROWS
from tests.e2e.threads import beside_the_loop

DOCUMENT = cast("dict[str, Any]", parse_own_json(published("openapi.json")))
API = schemathesis.openapi.from_dict({**DOCUMENT, "security": []})
"""Requests have a key that fits: what becomes of others is the matrix's to say."""
OPERATIONS = list(Documented(DOCUMENT).operations())
API.config.checks.negative_data_rejection.expected_statuses = ["400", "401", "403", "404", "409", "413", "422", "5xx"]
"""Among them 413: too long is looked at before what is in it."""
CHECKS: Final[list[Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
FEW, MANY = 12, 300
ENOUGH: Final = 0.95
"""The share of operations that have to answer with a 2xx."""
PATIENCE_SECONDS: Final = 30

tried: Counter[str] = Counter()
well_answered: Counter[str] = Counter()
"""Requests by operation, in this run of the tests."""
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)


@pytest.fixture(scope="module")
async def fuzzed(installation: Installation) -> Ground:
    """A ground of its own: what is generated may change it."""
    ground = Ground(installation, "fuzzed")
    await ground.lay()
    return ground


@pytest.fixture
async def places(fuzzed: Ground, operation: Operation) -> Places:
    return await fuzzed.for_row(ROWS[operation.id])


@every_operation
@beside_the_loop
def test_the_right_request_passes_every_check(fuzzed: Ground, places: Places, operation: Operation) -> None:
    row = ROWS[operation.id]
    right = asked(operation.method, operation.path, row, places)
    query = dict(parse_qsl(right.path.partition("?")[2]))
    body = {} if right.body is None else {"body": parse_own_json(right.body), "media_type": "application/json"}
    case = _of(operation).Case(path_parameters=_path(operation, places), query=query, **body)
    assert _ask(fuzzed, case).status_code == row.status


@every_operation
@beside_the_loop
def test_what_is_generated_breaks_nothing(fuzzed: Ground, places: Places, operation: Operation) -> None:
    _try(fuzzed, places, operation, FEW)


@pytest.mark.nightly
@pytest.mark.timeout(1_800)
@every_operation
@beside_the_loop
def test_what_is_generated_all_night_breaks_nothing(fuzzed: Ground, places: Places, operation: Operation) -> None:
    _try(fuzzed, places, operation, MANY)


def test_nearly_every_operation_was_answered_well() -> None:
    assert len(well_answered) >= ENOUGH * len(tried), sorted(tried.keys() - well_answered.keys())


def _try(ground: Ground, places: Places, operation: Operation, examples: int) -> None:
    """Requests that fit the document and requests that do not, to things that exist and to things that need not."""

    @settings(max_examples=examples, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def one(data: st.DataObject) -> None:
        _ask(ground, _patient(data.draw(data.draw(st.sampled_from(_ways(operation, places))))))

    cast("Callable[[], None]", one)()


def _ways(operation: Operation, places: Places) -> list[st.SearchStrategy[Any]]:
    of, modes = _of(operation), (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    whole = _path(operation, places)
    only = {name: value for name, value in whole.items() if name == "project"}
    ways = [of.as_strategy(generation_mode=modes[0], path_parameters=path) for path in (whole, only)]
    if operation.raw.get("requestBody") or operation.raw.get("parameters"):
        ways.append(of.as_strategy(generation_mode=modes[1], path_parameters=whole))
    return ways


def _of(operation: Operation) -> Any:
    return API[operation.path][operation.method]


def _path(operation: Operation, places: Places) -> Mapping[str, str]:
    given_by_row = {name: filled(value, places) for name, value in ROWS[operation.id].path.items()}
    return {**given_by_row, **({"project": places["project"]} if operation.is_of_a_project else {})}


def _patient(case: Any) -> Any:
    """The same without waiting for anything."""
    for part in (case.body, case.query):
        if isinstance(part, dict) and isinstance(part.get("wait_seconds"), int):
            part["wait_seconds"] = 0
    return case


def _ask(ground: Ground, case: Any) -> Any:
    stack = ground.installation.stack
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    answer = case.call(base_url=stack.api_url, headers=headers, timeout=PATIENCE_SECONDS)
    case.validate_response(answer, checks=CHECKS, headers=headers)
    name = case.operation.definition.raw["operationId"]
    tried[name] += 1
    if answer.status_code < 300:
        well_answered[name] += 1
    return answer
