"""What is wrong with a definition: every problem at once, each with its place, as one refusal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json
from services.engine.domain.limits import PROBLEMS_REPORTED, SENTENCE_CHARACTERS


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is a path such as `spec.steps[0].next[1].step`; `sentence` reads "expected X, but Y"."""

    field: str
    sentence: str
    step: str | None = None


def refusal(problems: Sequence[Problem]) -> Rejected:
    """One refusal for all of them: led by the first, with the list in `details.errors`."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Rejected(
        "invalid_argument",
        f"{shortened(first.field)}: {shortened(first.sentence)}{more}",
        field=shortened(first.field),
        details={"errors": [_entry(problem) for problem in problems[:PROBLEMS_REPORTED]]},
    )


def at(root: str, location: Iterable[str | int]) -> str:
    """`at("spec", ["steps", 0, "action"])` is `spec.steps[0].action`."""
    return root + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


def _entry(problem: Problem) -> Json:
    entry: dict[str, Json] = {"field": shortened(problem.field), "message": shortened(problem.sentence)}
    if problem.step is not None:
        entry["step"] = problem.step
    return entry


def shortened(text: str) -> str:
    """Names in a request may be as long as the request."""
    return text if len(text) <= SENTENCE_CHARACTERS else f"{text[:SENTENCE_CHARACTERS]}…"
