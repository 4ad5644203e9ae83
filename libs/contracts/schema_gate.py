"""The gate that a value passes: a registered JSON Schema, compiled once, and what it holds against a value.

The same gate stands at run inputs, step parameters, job results and endpoint responses. Nothing is ever fetched,
patterns run in linear time, `format` is a note to the reader and no rule, and `1.0` is an integer, as the specification
has it.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, cast

from libs.contracts.codec import Json, JsonObject, dump_json, parse_own_json
from libs.contracts.schema_cost import heaviest_load
from libs.contracts.schema_faults import MAX_VIOLATIONS, MAX_VISITS, Violation, find_faults
from libs.contracts.schema_graph import graph_of, weight_held, work_of
from libs.contracts.schema_rules import SchemaProblem, check_schema
from libs.contracts.schema_validators import Validators

GATES_KEPT: Final = 256
MAX_WORK: Final = 5_000_000
"""Steps of about 20 ns: a schema held against a part of the value."""
LIGHT_LOAD: Final = 9
"""No value that comes in, a MiB at the most, has so many parts that a schema of this load takes too long."""
LEAST_VISITS: Final = 5

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

    @cached_property
    def load(self) -> int:
        """The most that the schema asks of any one part of a value, in small schemas."""
        return heaviest_load(graph_of(self.validators.schemas, weight_held))

    def violations(self, value: Json) -> list[Violation]:
        """What the schema holds against `value`, at most twenty; empty when it fits."""
        if self.load > LIGHT_LOAD and (work := self.load * work_of(value)) > MAX_WORK:
            sentence = f"expected a value that is checked in at most {MAX_WORK} steps, but it may take {work}"
            return [Violation("", sentence)]
        try:
            if not self.validators.is_invalid("", value):
                return []
        except UnicodeEncodeError:
            return [Violation("", "expected text in Unicode, but it holds a lone surrogate")]
        visits = MAX_WORK // (self.load * work_of(value))
        return find_faults(self.validators, value, max(LEAST_VISITS, min(MAX_VISITS, visits)))


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
