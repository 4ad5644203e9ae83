"""What is wrong with an input: every problem at once, each with its field, as one refusal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from libs.chassis.decider import Rejected

PROBLEMS_REPORTED: Final = 20

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is a path such as `input_schema.properties.doc_id`; `sentence` reads "expected X, but Y"."""

    field: str
    sentence: str


def refusal(problems: Sequence[Problem]) -> Rejected:
    """One refusal for all of them: led by the first, with the list in `details.errors`."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Rejected(
        "invalid_argument",
        f"{first.field}: {first.sentence}{more}",
        field=first.field,
        details={
            "errors": [
                {"field": problem.field, "message": problem.sentence} for problem in problems[:PROBLEMS_REPORTED]
            ]
        },
    )


def below(root: str, pointer: str) -> str:
    """A JSON pointer into the field `root` as a path: `/properties/a/allOf/0` is `root.properties.a.allOf[0]`."""
    return root + "".join(_step(part) for part in pointer.split("/")[1:])


def _step(part: str) -> str:
    name = part.replace("~1", "/").replace("~0", "~")
    if name.isdigit():
        return f"[{name}]"
    return f".{name}" if _PLAIN.fullmatch(name) else f'["{name}"]'
