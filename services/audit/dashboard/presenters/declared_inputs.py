"""A form made from the inputs that a workflow declares, and the inputs that somebody filled into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from libs.chassis.decider import Rejected
from libs.contracts.codec import InvalidJson, Json, JsonObject, indent_json, parse_json
from services.audit.dashboard.charts.flow import objects, words

Control = Literal["line", "text", "json", "choice"]

CONTROLS: Final[Mapping[str, Control]] = {
    "string": "text",
    "integer": "line",
    "number": "line",
    "boolean": "choice",
}
"""How a type is filled in; any other as JSON."""

ALL: Final = "inputs"
"""The one field for all inputs, where a workflow declares none and takes any."""


@dataclass(frozen=True, slots=True)
class InputField:
    """One declared input as a field. `default` is how it would be filled in; None: there is none, so it is required."""

    name: str
    type: str
    control: Control
    description: str | None
    default: str | None

    @property
    def field(self) -> str:
        """What the form and the API's refusals call it."""
        return f"{ALL}.{self.name}"

    @property
    def required(self) -> bool:
        return self.default is None


def fields_of(spec: JsonObject) -> list[InputField]:
    """A field for each declared input, in their order."""
    return [_field(one) for one in objects(spec.get("inputs")) if words(one.get("name"))]


def filled(fields: Sequence[InputField], inputs: JsonObject) -> dict[str, str]:
    """The form as it would be filled in to get these inputs."""
    if not fields:
        return {ALL: indent_json(inputs) if inputs else ""}
    return {one.field: shown(inputs[one.name], one.control) for one in fields if one.name in inputs}


def read_inputs(fields: Sequence[InputField], form: Mapping[str, str]) -> JsonObject | Rejected:
    """The inputs that were filled in; what is left empty is left out. Else everything that cannot be read."""
    if not fields:
        return _all_inputs(form.get(ALL, ""))
    inputs: JsonObject = {}
    problems: list[tuple[str, str]] = []
    for one in fields:
        text = form.get(one.field, "")
        if not text.strip():
            continue
        try:
            inputs[one.name] = _value(one, text)
        except InvalidJson as error:
            problems.append((one.field, str(error)))
    return refused(problems) if problems else inputs


def refused(problems: Sequence[tuple[str, str]]) -> Rejected:
    """One refusal for all of these fields and sentences, as the API would put it."""
    field, sentence = problems[0]
    errors: list[Json] = [{"field": one, "message": text} for one, text in problems]
    return Rejected("invalid_argument", sentence, field, details={"errors": errors})


def sentences_by_field(refusal: Rejected | None) -> dict[str, str]:
    """What is wrong with each field, by the field."""
    if refusal is None:
        return {}
    listed = {words(one.get("field")): words(one.get("message")) for one in errors_of(refusal)}
    listed.pop("", None)
    return listed or ({} if refusal.field is None else {refusal.field: refusal.sentence})


def errors_of(refusal: Rejected) -> list[JsonObject]:
    """Everything that was wrong, as the API lists it."""
    return list(objects((refusal.details or {}).get("errors")))


def shown(value: Json, control: Control) -> str:
    """A value as it is typed into a control."""
    if control == "json":
        return indent_json(value)
    return value if isinstance(value, str) else indent_json(value)


def _field(declared: JsonObject) -> InputField:
    kind = words(declared.get("type")) or "any"
    control = CONTROLS.get(kind, "json")
    description = declared.get("description")
    return InputField(
        name=words(declared.get("name")),
        type=kind,
        control=control,
        description=description if isinstance(description, str) else None,
        default=shown(declared["default"], control) if "default" in declared else None,
    )


def _value(field: InputField, text: str) -> Json:
    """Raises `InvalidJson` with a sentence for the field."""
    if field.type == "string":
        return text
    try:
        value = parse_json(text.strip().encode())
    except InvalidJson as error:
        hint = "; a text goes in quotation marks" if field.type == "any" else ""
        raise InvalidJson(f"expected {_wanted(field)}, but {error}{hint}") from None
    if field.control != "json" and isinstance(value, str | list | dict | None):
        raise InvalidJson(f"expected {_wanted(field)}, but got {text.strip()[:64]!r}")
    return value


def _wanted(field: InputField) -> str:
    names = {"integer": "an integer", "number": "a number", "boolean": "true or false", "any": "JSON"}
    return names.get(field.type, f"JSON of type {field.type}")


def _all_inputs(text: str) -> JsonObject | Rejected:
    if not text.strip():
        return {}
    try:
        value = parse_json(text.encode())
    except InvalidJson as error:
        return refused([(ALL, f"expected a JSON object, but {error}")])
    return value if isinstance(value, dict) else refused([(ALL, "expected a JSON object, but it is another value")])
