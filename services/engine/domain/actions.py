"""What the engine knows of an action: enough to refuse a step before anybody is asked to execute it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from libs.contracts.codec import Json
from libs.contracts.events.catalog import Annotations

ActionOwner = Literal["project", "platform"]


class Violation(Protocol):
    """One way in which a value breaks a schema. `pointer` is a JSON pointer into the value."""

    @property
    def pointer(self) -> str: ...
    @property
    def message(self) -> str: ...


class Gate(Protocol):
    """A compiled JSON Schema."""

    def violations(self, value: Json, /) -> Sequence[Violation]: ...


@dataclass(frozen=True, slots=True)
class ActionContract:
    """One action of the catalog. Without an `input_gate` it takes any parameters."""

    name: str
    owner: ActionOwner = "project"
    input_gate: Gate | None = None
    annotations: Annotations = Annotations()
    endpoint_url: str | None = None


class Catalog(Protocol):
    """The actions that one project can use; a plain dict by name will do."""

    def get(self, name: str, /) -> ActionContract | None: ...
