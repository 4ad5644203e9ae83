"""Whom a change of an action concerns, as the API told it in its refusal."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
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
        reasons=[(_text(one, "field"), _text(one, "message")) for one in _objects(details.get("reasons"))],
        workflows=[
            (_text(one, "name"), workflow_path(visit, _text(one, "id"), _text(one, "id")))
            for one in _objects(details.get("workflows"))
        ],
        runs=[(_text(one, "id"), run_path(visit, _text(one, "id"))) for one in _objects(details.get("runs"))],
        in_flight=in_flight if isinstance(in_flight, int) else 0,
    )


def _objects(value: Json) -> Sequence[JsonObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(of: JsonObject, name: str) -> str:
    return str(of.get(name, ""))
