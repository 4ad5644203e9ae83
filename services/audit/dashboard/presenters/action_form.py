"""What somebody filled into the form of an action, as the API takes it."""

from collections.abc import Mapping
from typing import Final

from libs.chassis.decider import Rejected
from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json, indent_json
from services.audit.dashboard.loose_json import words
from services.audit.dashboard.presenters.typed_json import typed_object
from services.audit.dashboard.refusals import refused

TEXTS: Final = ("title", "description", "endpoint_url")
SCHEMAS: Final = ("input_schema", "output_schema")
PROMISES: Final = ("idempotent", "destructive", "read_only")


def filled(action: JsonObject) -> dict[str, str]:
    """The form as it would be filled in to get this action, as the API shows it."""
    texts = {name: words(action.get(name)) for name in ("name", *TEXTS)}
    schemas = {name: indent_json(action[name]) for name in SCHEMAS if action.get(name) is not None}
    return {**texts, **schemas, **{name: "true" for name, made in promises_of(action).items() if made}}


def creation(form: Mapping[str, str]) -> JsonObject | Rejected:
    """The body that registers an action. What is left empty is left out."""
    schemas = read_schemas(form)
    if isinstance(schemas, Rejected):
        return schemas
    texts: JsonObject = {name: form.get(name, "").strip() for name in ("name", *TEXTS)}
    needed: JsonObject = {name: texts.pop(name) for name in ("name", "endpoint_url")}
    given: JsonObject = {name: value for name, value in texts.items() if value}
    made = given_promises(form)
    return {**needed, **given, **schemas, **({"annotations": made} if any(made.values()) else {})}


def changes(form: Mapping[str, str], known: JsonObject) -> JsonObject | Rejected:
    """The body that makes the known action what the form says: only what differs, by its bytes."""
    schemas = read_schemas(form)
    if isinstance(schemas, Rejected):
        return schemas
    gone = [
        (name, "expected a schema, but the field is empty; {} takes any value") for name in _emptied(schemas, known)
    ]
    if gone:
        return refused(gone)
    wanted: JsonObject = {**{name: form.get(name, "").strip() for name in TEXTS}, **schemas}
    body = {name: value for name, value in wanted.items() if _differs(value, known.get(name))}
    promises = given_promises(form)
    return {**body, **({"annotations": promises} if promises != promises_of(known) else {})}


def read_schemas(form: Mapping[str, str]) -> JsonObject | Rejected:
    """The schemas that were typed; each that is none is named, with the line."""
    found: JsonObject = {}
    problems: list[tuple[str, str]] = []
    for name in SCHEMAS:
        text = form.get(name, "")
        if text.strip():
            try:
                found[name] = typed_object(text)
            except InvalidJson as error:
                problems.append((name, f"expected a JSON Schema as a JSON object, but {error}"))
    return refused(problems) if problems else found


def promises_of(action: JsonObject) -> dict[str, Json]:
    """All three promises of the action, those it does not make too."""
    made = action.get("annotations")
    return {name: bool(made.get(name)) if isinstance(made, dict) else False for name in PROMISES}


def given_promises(form: Mapping[str, str]) -> dict[str, Json]:
    """The promises whose boxes were checked."""
    return {name: name in form for name in PROMISES}


def _emptied(schemas: JsonObject, known: JsonObject) -> list[str]:
    return [name for name in SCHEMAS if known.get(name) is not None and name not in schemas]


def _differs(value: Json, known: Json) -> bool:
    """By their bytes: 1 and 1.0 are equal, but not the same. No text and an empty one are the same to people."""
    return dump_json(value) != dump_json("" if known is None and value == "" else known)
