"""The variables that expressions can name, and where their values come from."""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from immutables import Map

from libs.contracts.codec import Json, JsonObject
from services.engine.domain.cel_source import Reference
from services.engine.domain.expressions import Expression, Scope

ROOTS = ("inputs", "state", "run")
RUN = frozenset({"id", "project", "workflow", "started_at"})


@dataclass(frozen=True, slots=True)
class Names:
    """What is known before a run. Without declared inputs a workflow takes any, so any name of one may exist."""

    inputs: Set[str]
    state: Set[str]

    def unknown(self, expression: Expression) -> Iterator[str]:
        """A sentence for every variable that can never have a value."""
        if expression.loop_variable in ROOTS:
            yield f"expected a loop variable with a name of its own, but {expression.loop_variable} means something"
        for reference in sorted(set(expression.references)):
            if sentence := self._about(reference):
                yield sentence

    def _about(self, reference: Reference) -> str | None:
        match reference:
            case ("inputs", name, *_) if self.inputs and name not in self.inputs:
                return f"expected a declared input, but inputs.{name} is none"
            case ("state", name, *_) if name not in self.state:
                return f"expected a variable of the state, but no step stores {name!r} and the state has none"
            case ("run", name, *_) if name not in RUN:
                return f"expected one of run.{', run.'.join(sorted(RUN))}, but got run.{name}"
            case (root, *_) if root not in ROOTS:
                return f"expected one of {', '.join(ROOTS)}, but there is no variable {root!r}"
        return None


def scope_of(run: JsonObject, inputs: JsonObject, state: Map[str, Json]) -> Scope:
    """The values on one path at one moment."""
    return {"inputs": inputs, "state": state, "run": run}
