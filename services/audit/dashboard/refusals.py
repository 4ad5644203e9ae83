"""Refusals that say several things at once, each of a field: as the API lists them, and as forms show them."""

from collections.abc import Sequence

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.loose_json import objects, words


def refused(problems: Sequence[tuple[str, str]]) -> Rejected:
    """One refusal for all of these fields and sentences, as the API would put it."""
    field, sentence = problems[0]
    errors: list[Json] = [{"field": one, "message": text} for one, text in problems]
    return Rejected("invalid_argument", sentence, field, details={"errors": errors})


def errors_of(refusal: Rejected | None) -> Sequence[JsonObject]:
    """Everything that was wrong, as the API lists it; it lists nothing where only one thing can be."""
    return [] if refusal is None else list(objects((refusal.details or {}).get("errors")))


def told(refusal: Rejected | None) -> Sequence[tuple[str, str]]:
    """Fields and sentences; the field is empty where a sentence is of none."""
    if refusal is None:
        return []
    listed = [(words(one.get("field")), words(one.get("message"))) for one in errors_of(refusal)]
    return listed or [(refusal.field or "", refusal.sentence)]


def is_within(field: str, name: str) -> bool:
    """Whether that is the field of this name, or inside of it."""
    return field == name or field.startswith((f"{name}.", f"{name}["))
