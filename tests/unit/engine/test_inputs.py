"""The first gate: what a run is given against what its workflow declares."""

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from services.engine.domain.inputs import accepted_inputs, has_type, pointer
from services.engine.domain.limits import PAYLOAD_BYTES
from services.engine.domain.spec import InputSpec

DECLARED = [
    InputSpec(name="doc_id", type="string"),
    InputSpec(name="pages", type="integer", default=10),
    InputSpec(name="note", type="any", default=None),
]


def refused(given: JsonObject) -> Rejected:
    found = accepted_inputs(DECLARED, given)
    assert isinstance(found, Rejected)
    return found


def test_defaults_are_filled_in() -> None:
    assert accepted_inputs(DECLARED, {"doc_id": "d"}) == {"doc_id": "d", "pages": 10, "note": None}


def test_what_is_given_wins_over_defaults() -> None:
    given: JsonObject = {"doc_id": "d", "pages": 3, "note": [1.0]}

    assert accepted_inputs(DECLARED, given) == given


def test_without_declarations_anything_is_taken() -> None:
    assert accepted_inputs([], {"any": {"thing": 1}}) == {"any": {"thing": 1}}


def test_everything_wrong_is_told_with_pointers() -> None:
    assert refused({"pages": "many", "a/b": 1}) == Rejected(
        "invalid_argument",
        "inputs.a/b: expected one of the declared inputs, but 'a/b' is none",
        field="inputs.a/b",
        code="contract_violation",
        details={
            "pointer": "/a~1b",
            "errors": [
                {
                    "pointer": "/a~1b",
                    "field": "inputs.a/b",
                    "message": "expected one of the declared inputs, but 'a/b' is none",
                },
                {
                    "pointer": "/doc_id",
                    "field": "inputs.doc_id",
                    "message": "expected a value of type string, but it is missing",
                },
                {"pointer": "/pages", "field": "inputs.pages", "message": "expected integer, but got string"},
            ],
        },
    )


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ("x", {"string"}),
        (1, {"integer", "number"}),
        (1.0, {"number"}),
        (True, {"boolean"}),
        ({}, {"object"}),
        ([], {"array"}),
        (None, set()),
    ],
)
def test_types_are_told_apart_as_json_does(value: Json, types: set[str]) -> None:
    every = ["string", "integer", "number", "boolean", "object", "array"]

    assert {name for name in every if has_type(value, name)} == types
    assert has_type(value, "any")


def test_too_large_inputs_are_refused() -> None:
    found = refused({"doc_id": "x" * PAYLOAD_BYTES})

    assert (found.field, found.code) == ("inputs", "payload_too_large")


def test_too_deep_inputs_are_refused() -> None:
    deep: Json = 1
    for _ in range(33):
        deep = [deep]

    assert refused({"doc_id": deep}).sentence == "expected inputs at most 32 deep, but they are deeper"


def test_numbers_that_json_cannot_carry_are_refused() -> None:
    assert refused({"doc_id": 2**70}).sentence.startswith("expected inputs that JSON can carry, but ")


def test_a_pointer_escapes_its_parts() -> None:
    assert pointer("a/b", "c~d") == "/a~1b/c~0d"
