"""Every operation has its row, and every row says where ids are: what goes through all operations misses none."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from tests.e2e.operations.documented import Documented, Operation
from tests.e2e.operations.row import PLACE, ids_of
from tests.e2e.operations.rows import NO_IDS, ROWS

DOCUMENT = cast("dict[str, Any]", parse_own_json(published("openapi.json")))
OPERATIONS = {operation.id: operation for operation in Documented(DOCUMENT).operations()}


def test_every_operation_has_a_row() -> None:
    assert sorted(OPERATIONS.keys() - ROWS.keys()) == [], "add a row to tests/e2e/operations/rows.py"


def test_every_row_has_an_operation() -> None:
    assert sorted(ROWS.keys() - OPERATIONS.keys()) == []


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() & ROWS.keys()))
def test_a_row_fits_its_operation(name: str) -> None:
    operation, row = OPERATIONS[name], ROWS[name]

    assert set(PLACE.findall(operation.path)) - {"project"} == set(row.path)
    assert str(row.status) in operation.raw["responses"]
    assert (row.body is not None) <= ("requestBody" in operation.raw)
    assert not operation.raw.get("requestBody", {}).get("required") or row.body is not None


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() & ROWS.keys()))
def test_what_looks_like_an_id_is_tried_or_is_known_to_be_none(name: str) -> None:
    row, operation = ROWS[name], OPERATIONS[name]
    tried = {"query": row.query, "body": str(row.body)}

    missing = [
        f"{where} {field}" for where, field in _like_ids(operation) if field not in NO_IDS and field not in tried[where]
    ]

    assert missing == [], "name the id in the row as a place, or say in NO_IDS why it is none"
    assert ids_of(row).keys() == {"path", "query", "body"}


def _like_ids(operation: Operation) -> Iterator[tuple[str, str]]:
    for parameter in operation.raw.get("parameters", []):
        if parameter["in"] == "query" and _is_like_an_id(parameter["name"]):
            yield "query", parameter["name"]
    for content in operation.raw.get("requestBody", {}).get("content", {}).values():
        yield from (("body", field) for field in _fields(content["schema"], set()) if _is_like_an_id(field))


def _fields(schema: Any, seen: set[str]) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _fields(one, seen)
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        yield from _fields(DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]], seen)
    yield from schema.get("properties", {})
    for value in schema.values():
        yield from _fields(value, seen)


def _is_like_an_id(field: str) -> bool:
    return field == "id" or field.endswith(("_id", "_ids"))
