"""The gate that a value passes: a registered JSON Schema, compiled once, and what it holds against a value.

The same gate stands at run inputs, step parameters, job results and endpoint responses. Nothing is ever fetched,
patterns run in linear time, `format` is a note to the reader and no rule, and `1.0` is an integer, as the specification
has it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from libs.contracts.codec import Json, JsonObject, dump_json, parse_own_json
from libs.contracts.schema_faults import MAX_VIOLATIONS, Violation, find_faults
from libs.contracts.schema_rules import SchemaProblem, check_schema
from libs.contracts.schema_validators import Validators

GATES_KEPT: Final = 256

__all__ = [
    "GATES_KEPT",
    "MAX_VIOLATIONS",
    "Gate",
    "SchemaProblem",
    "UnfitSchema",
    "Violation",
    "check_schema",
    "compile_schema",
]


class UnfitSchema(ValueError):
    """The schema breaks the rules of registration; `problems` says how."""

    def __init__(self, problems: list[SchemaProblem]) -> None:
        super().__init__("; ".join(f"{problem.path or '/'}: {problem.sentence}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Gate:
    """A compiled schema. Safe to share and to keep."""

    validators: Validators

    def violations(self, value: Json) -> list[Violation]:
        """What the schema holds against `value`, at most twenty; empty when it fits."""
        try:
            if not self.validators.is_invalid("", value):
                return []
        except UnicodeEncodeError:
            return [Violation("", "expected text in Unicode, but it holds a lone surrogate")]
        return find_faults(self.validators, value)


def compile_schema(schema: JsonObject) -> Gate:
    """The gate of `schema`, from memory when the same bytes were compiled lately. Raises `UnfitSchema`."""
    return _gate_of(dump_json(schema))


@lru_cache(maxsize=GATES_KEPT)
def _gate_of(encoded: bytes) -> Gate:
    schema = parse_own_json(encoded)
    problems = check_schema(schema)
    if problems:
        raise UnfitSchema(problems)
    return Gate(Validators(cast(JsonObject, schema)))
