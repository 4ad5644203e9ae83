"""What keeps a value that fits one schema from fitting another, and how that is said to whoever changed the schema."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

UNPROVEN: Final = "cannot be shown to be safe"


class Direction(Enum):
    """Whose values they are: the input of an action is accepted, its output is promised."""

    INPUT = "input"
    OUTPUT = "output"


class Kind(Enum):
    """In which way a value can fall through."""

    DEMANDED = "demanded"
    REQUIRED = "required"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    NARROWED = "narrowed"
    UNTAKEN = "untaken"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Gap:
    """`at` points to the assertion in the schema that has to hold, `place` tells which part of the value it is about
    ("" is all of it, `*` a property without a name), `what` is the end of the sentence."""

    at: str
    place: str
    kind: Kind
    what: str = ""


def sentence(gap: Gap, direction: Direction) -> str:
    """The gap in plain English."""
    about = _subject(gap.place, direction)
    if gap.kind is Kind.UNCLEAR:
        return f"{about}: the change {UNPROVEN}, because {gap.what}"
    return _SENTENCES[direction, gap.kind](about, gap.what)


_SENTENCES: Final[dict[tuple[Direction, Kind], Callable[[str, str], str]]] = {
    (Direction.INPUT, Kind.DEMANDED): lambda about, what: f"{about} now has to be {what}",
    (Direction.OUTPUT, Kind.DEMANDED): lambda about, what: f"{about} is no longer promised to be {what}",
    (Direction.INPUT, Kind.REQUIRED): lambda about, what: f"{about} now requires {what}",
    (Direction.OUTPUT, Kind.REQUIRED): lambda about, what: f"{about} no longer promises {what}",
    (Direction.INPUT, Kind.REFUSED): lambda about, what: f"{about} can no longer be {what}",
    (Direction.OUTPUT, Kind.REFUSED): lambda about, what: f"{about} can now be {what}, which was not promised",
    (Direction.INPUT, Kind.FORBIDDEN): lambda about, _: f"{about} is no longer accepted",
    (Direction.OUTPUT, Kind.FORBIDDEN): lambda about, _: f"{about} can now be there, which was ruled out",
    (Direction.INPUT, Kind.UNTAKEN): lambda about, what: f"{about} had a form that no alternative of {what} takes now",
    (Direction.OUTPUT, Kind.UNTAKEN): lambda about, what: f"{about} now has a form that no alternative of {what} had",
    (Direction.INPUT, Kind.NARROWED): lambda about, _: f"{about} could be anything and now has to fit a schema",
    (Direction.OUTPUT, Kind.NARROWED): lambda about, _: (
        f"{about} can now be anything, but it was promised to fit a schema"
    ),
}


def _subject(place: str, direction: Direction) -> str:
    if not place:
        return f"the {direction.value}"
    if place == "*" or place.endswith(".*"):
        of = place.removesuffix("*").removesuffix(".")
        return "a property that has no name in the schema" + (f" (in `{of}`)" if of else "")
    return f"`{place}`"
