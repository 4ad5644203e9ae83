"""A form made from a JSON Schema, and the object that somebody filled into it.

What a form cannot ask for field by field is filled in as one JSON document; so is every part of it that is an object
or a list.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from libs.chassis.decider import Rejected
from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json, indent_json
from services.audit.dashboard.presenters.schema_rows import resolved
from services.audit.dashboard.presenters.schema_rules import cut, rules_of, type_of
from services.audit.dashboard.presenters.typed_json import typed_json, typed_object
from services.audit.dashboard.refusals import refused

MOST_FIELDS: Final = 60
MOST_CHOICES: Final = 200
SHORT_LINE: Final = 200
"""Characters: a text that may be longer is typed into an area."""

Control = Literal["line", "area", "number", "choice", "json"]

INTRICATE: Final = frozenset(
    {
        *("anyOf", "oneOf", "allOf", "not", "if", "then", "else", "patternProperties", "propertyNames"),
        *("dependentSchemas", "dependentRequired", "dependencies", "minProperties", "maxProperties", "$dynamicRef"),
    }
)
"""Where one of these stands at the top, no form by fields does it justice."""

BOOLEAN: Final = (("true", "true"), ("false", "false"))


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One value. `field` is its name in the form; `choices` are what may be chosen, as JSON, and how it is called;
    `default` is as it is typed."""

    name: str
    field: str
    control: Control
    type: str
    required: bool
    help: str
    default: str = ""
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class SchemaForm:
    """`name` is the field for the whole object, if there are no `fields`, and the beginning of their names if there
    are."""

    name: str
    fields: Sequence[SchemaField]

    @property
    def names(self) -> Sequence[str]:
        """What the form sends."""
        return [one.field for one in self.fields] or [self.name]

    @property
    def defaults(self) -> Mapping[str, str]:
        """How the form is filled in at first."""
        return {one.field: one.default for one in self.fields}

    def filled(self, value: JsonObject) -> Mapping[str, str]:
        """How it would be filled in to get this value."""
        if not self.fields:
            return {self.name: indent_json(value)}
        return {one.field: _typed(value[one.name], one.control) for one in self.fields if one.name in value}


def form_of(schema: JsonObject | None, name: str) -> SchemaForm:
    """A field for each value, the required ones first; none where only the whole object can be asked for."""
    properties, needed = _properties(schema)
    if schema is None or not 0 < len(properties) <= MOST_FIELDS or not properties.keys() >= needed:
        return SchemaForm(name, ())
    fields = [_field(one, name, resolved(schema, part), one in needed) for one, part in properties.items()]
    return SchemaForm(name, sorted(fields, key=lambda field: not field.required))


def read_filled(form: SchemaForm, sent: Mapping[str, str]) -> JsonObject | Rejected:
    """The object that was filled in, without what was left empty; else everything that cannot be read."""
    if not form.fields:
        return _read_whole(sent.get(form.name, ""), form.name)
    read: JsonObject = {}
    problems: list[tuple[str, str]] = []
    for one in form.fields:
        text = sent.get(one.field, "")
        if text.strip():
            try:
                read[one.name] = _value(one, text)
            except InvalidJson as error:
                problems.append((one.field, f"expected {_wanted(one)}, but {error}"))
    return refused(problems) if problems else read


def _properties(schema: JsonObject | None) -> tuple[JsonObject, set[str]]:
    """The parts that can be asked for one by one, and the names of those that have to be there."""
    top = None if schema is None else resolved(schema, schema)
    if not isinstance(top, dict) or top.get("type", "object") != "object" or top.keys() & INTRICATE:
        return {}, set()
    properties, required = top.get("properties"), top.get("required")
    needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    return (properties if isinstance(properties, dict) else {}), needed


def _read_whole(text: str, field: str) -> JsonObject | Rejected:
    try:
        return typed_object(text) if text.strip() else {}
    except InvalidJson as error:
        return refused([(field, f"expected a JSON object, but {error}")])


def _value(field: SchemaField, text: str) -> Json:
    """Raises `InvalidJson`."""
    match field.control:
        case "line" | "area":
            return text
        case "json":
            return _document(field, text)
        case "number" | "choice":
            return _plain(field, text.strip())


def _plain(field: SchemaField, typed: str) -> Json:
    """A number, or one of the choices: whoever typed anything else did not think of JSON, and is not told of its
    grammar."""
    with suppress(InvalidJson):
        value = typed_json(typed)
        if typed in dict(field.choices) or (field.control == "number" and type(value) in (int, float)):
            return value
    raise InvalidJson(f"got {cut(typed, 64)!r}")


def _document(field: SchemaField, text: str) -> Json:
    try:
        return typed_json(text)
    except InvalidJson as error:
        raise InvalidJson(f"{error}{'; a text goes in quotation marks' if field.type == 'any' else ''}") from None


def _wanted(field: SchemaField) -> str:
    match field.control:
        case "number":
            return "an integer" if field.type == "integer" else "a number"
        case "choice":
            return "true or false" if field.choices == BOOLEAN else "one of the choices"
        case _:
            return "JSON" if field.type == "any" else f"JSON of type {field.type}"


def _field(name: str, form: str, schema: Json, required: bool) -> SchemaField:
    part = schema if isinstance(schema, dict) else {}
    control, choices = _control(part)
    kind = type_of(schema)
    default = _typed(part["default"], control) if "default" in part else ""
    return SchemaField(name, f"{form}.{name}", control, kind, required, _help(part, control, kind), default, choices)


def _help(schema: JsonObject, control: Control, kind: str) -> str:
    """What it is for, the rules that the control does not show, and how it is typed."""
    description = schema.get("description")
    told = cut(description, SHORT_LINE) if isinstance(description, str) else ""
    rules = rules_of({key: value for key, value in schema.items() if key not in ("default", "enum", "const")})
    said = f"{told} ({rules})" if told and rules else told or rules
    if control == "json":
        return f"{said} As JSON: {kind}.".strip()
    return said or (kind if control == "number" else "")


def _control(schema: JsonObject) -> tuple[Control, Sequence[tuple[str, str]]]:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(values, list) and 0 < len(values) <= MOST_CHOICES:
        return "choice", [(_encoded(value), _called(value)) for value in values]
    match schema.get("type"):
        case "boolean":
            return "choice", BOOLEAN
        case "integer" | "number":
            return "number", ()
        case "string":
            most = schema.get("maxLength")
            short = "format" in schema or (isinstance(most, int | float) and most <= SHORT_LINE)
            return "line" if short else "area", ()
    return "json", ()


def _called(value: Json) -> str:
    return cut(value if isinstance(value, str) else _encoded(value))


def _typed(value: Json, control: Control) -> str:
    if control == "choice":
        return _encoded(value)
    return value if isinstance(value, str) and control != "json" else indent_json(value)


def _encoded(value: Json) -> str:
    return dump_json(value).decode()
