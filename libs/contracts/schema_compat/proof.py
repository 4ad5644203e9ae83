"""What the rules of the keywords may ask of a proof."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from libs.contracts.codec import Json
from libs.contracts.schema_compat.facts import Case, Facts
from libs.contracts.schema_compat.gaps import Gap, Kind
from libs.contracts.schema_compat.nodes import Node
from libs.contracts.schema_compat.sameness import Sameness


class Proof(Protocol):
    """An attempt to show that every value of a case fits a schema."""

    @property
    def same(self) -> Sameness: ...

    def here(self, case: Case, node: Node, place: str) -> list[Gap]:
        """What keeps the value of `case` from fitting `node`, which is applied to that very value; empty: it fits."""

    def part(self, case: Case, node: Node, place: str) -> list[Gap]:
        """The same for a part of the value."""

    def is_impossible(self, case: Case) -> bool:
        """Whether it is certain that no value is of this case."""

    def facts(self, case: Case) -> Facts:
        """What follows from a case."""

    def fits(self, node: Node, value: Json) -> bool:
        """Whether a value fits a schema, by the validators of the gate."""


@dataclass(frozen=True)
class Demand:
    """A schema that a value has to fit, and which part of the whole the value is."""

    node: Node
    place: str

    def gap(self, keyword: str, kind: Kind, what: str = "") -> Gap:
        return Gap(self.node.rules[keyword].at, self.place, kind, what)

    def key(self, name: str) -> str:
        """The place of a property."""
        return f"{self.place}.{name}" if self.place else name

    def item(self, place: int | str = "") -> str:
        """The place of an item."""
        return f"{self.place}[{place}]"


Check = Callable[[Proof, Facts, Demand], Iterator[Gap]]
"""The rule of one keyword: what of it does not follow from the facts."""
