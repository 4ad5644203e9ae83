"""A form made from an action's input schema, and the parameters that somebody filled into it. Pure.

What a form cannot ask for field by field is filled in as one JSON document; so is every part of it that is an object
or a list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from libs.chassis.decider import Rejected
from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json, indent_json, parse_json
from libs.contracts.schema_gate import UnfitSchema, compile_schema
from services.audit.dashboard.presenters.schema_rows import resolved
from services.audit.dashboard.presenters.schema_rules import cut, rules_of, type_of

ALL: Final = "parameters"
"""The one field for all parameters, and the beginning of the names of the others."""
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


@dataclass(frozen=True, slots=True)
class TryField:
    """One parameter. `choices` are what may be chosen, as JSON, and how it is called; `default` is as it is typed."""

    name: str
    control: Control
    type: str
    required: bool
    help: str
    default: str = ""
    choices: Sequence[tuple[str, str]] = ()

    @property
    def field(self) -> str:
        return f"{ALL}.{self.name}"


def fields_of(schema: JsonObject | None) -> Sequence[TryField] | None:
    """A field for each parameter, the required ones first; None: the form has the one field `ALL`."""
    top = resolved(schema, schema) if schema is not None else None
    if schema is None or not isinstance(top, dict) or top.get("type", "object") != "object" or top.keys() & INTRICATE:
        return None
    properties, required = top.get("properties"), top.get("required")
    if not isinstance(properties, dict) or not 0 < len(properties) <= MOST_FIELDS:
        return None
    needed = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    if any(name not in properties for name in needed):
        return None
    fields = [_field(name, resolved(schema, part), name in needed) for name, part in properties.items()]
    return sorted(fields, key=lambda field: not field.required)


def read_parameters(
    schema: JsonObject | None, fields: Sequence[TryField] | None, form: Mapping[str, str]
) -> JsonObject | Rejected:
    """The parameters that were filled in, if the action would take them; else everything that is wrong."""
    parameters = read_object(form.get(ALL, ""), ALL) if fields is None else _by_field(fields, form)
    return parameters if isinstance(parameters, Rejected) else _unaccepted(schema, parameters) or parameters


def read_object(text: str, field: str) -> JsonObject | Rejected:
    """A JSON object that somebody typed; nothing means an empty one. The sentence names the line."""
    if not text.strip():
        return {}
    try:
        value = parse_json(text.encode("utf-8", "surrogatepass"))
    except InvalidJson as error:
        return refused([(field, f"expected a JSON object, but {error}")])
    if isinstance(value, dict):
        return value
    return refused([(field, "expected a JSON object like {…}, but it is another value")])


def refused(problems: Sequence[tuple[str, str]]) -> Rejected:
    """One refusal for all of these fields and sentences, as the API would put it."""
    field, sentence = problems[0]
    errors: list[Json] = [{"field": one, "message": text} for one, text in problems]
    return Rejected("invalid_argument", sentence, field, details={"errors": errors})


def _by_field(fields: Sequence[TryField], form: Mapping[str, str]) -> JsonObject | Rejected:
    parameters: JsonObject = {}
    problems: list[tuple[str, str]] = []
    for one in fields:
        text = form.get(one.field, "")
        if not text.strip():
            continue
        try:
            parameters[one.name] = _value(one, text)
        except InvalidJson as error:
            problems.append((one.field, f"expected {_wanted(one)}, but {error}"))
    return refused(problems) if problems else parameters


def _value(field: TryField, text: str) -> Json:
    """Raises `InvalidJson`. A choice was written by ourselves, unless somebody sends what was not offered."""
    if field.control in ("line", "area"):
        return text
    value = parse_json(text.encode("utf-8", "surrogatepass"))
    if field.control == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InvalidJson(f"got {cut(text.strip(), 64)}")
    return value


def _wanted(field: TryField) -> str:
    return {"number": f"a number ({field.type})", "choice": "one of the choices"}.get(field.control, "JSON")


def _unaccepted(schema: JsonObject | None, parameters: JsonObject) -> Rejected | None:
    """What the action's own gate would hold against the parameters: a run would end with it at once."""
    if schema is None:
        return None
    try:
        found = compile_schema(schema).violations(parameters)
    except UnfitSchema:
        return None
    problems = [(_place(one.pointer), one.message) for one in found]
    return refused(problems) if problems else None


def _place(pointer: str) -> str:
    """`/doc/id` is below the field of `doc`."""
    name, *rest = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:] or [""])
    return ".".join([ALL, name, *rest]) if pointer else ALL


def _field(name: str, schema: Json, required: bool) -> TryField:
    part = schema if isinstance(schema, dict) else {}
    control, choices = _control(part)
    description = part.get("description")
    told = [cut(description, SHORT_LINE)] if isinstance(description, str) else []
    rules = rules_of({key: value for key, value in part.items() if key not in ("default", "enum", "const")})
    default = _typed(part["default"], control) if "default" in part else ""
    said = [*told, *([f"({rules})" if told else rules] if rules else [])]
    return TryField(name, control, type_of(schema), required, " ".join(said), default, choices)


def _control(schema: JsonObject) -> tuple[Control, Sequence[tuple[str, str]]]:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(values, list) and 0 < len(values) <= MOST_CHOICES:
        return "choice", [
            (_encoded(value), cut(value if isinstance(value, str) else _encoded(value))) for value in values
        ]
    match schema.get("type"):
        case "boolean":
            return "choice", [("true", "true"), ("false", "false")]
        case "integer" | "number":
            return "number", ()
        case "string":
            most = schema.get("maxLength")
            short = "format" in schema or (isinstance(most, int | float) and most <= SHORT_LINE)
            return "line" if short else "area", ()
    return "json", ()


def _typed(value: Json, control: Control) -> str:
    if control == "choice":
        return _encoded(value)
    return value if isinstance(value, str) and control != "json" else indent_json(value)


def _encoded(value: Json) -> str:
    return dump_json(value).decode()
