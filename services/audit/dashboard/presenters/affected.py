"""Whom a change of an action concerns, as the API told it in its refusal."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.decider import Rejected
from services.audit.dashboard.loose_json import objects, words
from services.audit.dashboard.places import run_path, workflow_path
from services.audit.dashboard.visit import Visit


@dataclass(frozen=True, slots=True)
class Affected:
    """`reasons` are field and sentence; workflows and runs are names and pages. `in_flight` counts all open runs."""

    reasons: Sequence[tuple[str, str]]
    workflows: Sequence[tuple[str, str]]
    runs: Sequence[tuple[str, str]]
    in_flight: int


def affected(visit: Visit, refusal: Rejected | None) -> Affected:
    """What stands in the details of a refusal: of a breaking change, or of a deletion while somebody uses it."""
    details = dict(refusal.details or {}) if refusal is not None else {}
    in_flight = details.get("runs_in_flight")
    return Affected(
        reasons=[(words(one.get("field")), words(one.get("message"))) for one in objects(details.get("reasons"))],
        workflows=[
            (words(one.get("name")), workflow_path(visit, words(one.get("id")), words(one.get("id"))))
            for one in objects(details.get("workflows"))
        ],
        runs=[(words(one.get("id")), run_path(visit, words(one.get("id")))) for one in objects(details.get("runs"))],
        in_flight=in_flight if isinstance(in_flight, int) else 0,
    )
