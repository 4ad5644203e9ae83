"""The run's inputs against what the workflow declares: the first gate."""

from collections.abc import Mapping, Sequence

from libs.chassis.decider import Rejected
from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json
from services.engine.domain.limits import PAYLOAD_BYTES, VALUE_DEPTH
from services.engine.domain.spec import InputSpec

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "any": (str, int, float, bool, dict, list, type(None)),
}


def has_type(value: Json, declared: str) -> bool:
    """Whether the value is of the declared type; integers are numbers, booleans are not."""
    return isinstance(value, TYPES[declared]) and (not isinstance(value, bool) or bool in TYPES[declared])


def accepted_inputs(declared: Sequence[InputSpec], given: JsonObject) -> "JsonObject | Rejected":
    """The inputs with defaults filled in, or everything that is wrong with them.

    A workflow that declares no inputs takes any.
    """
    if refused := _unfit(given):
        return refused
    if not declared:
        return given
    violations = [*_unknown(declared, given), *_mismatched(declared, given)]
    if violations:
        return _violated(violations)
    return {one.name: given.get(one.name, one.default) for one in declared if one.name in given or one.has_default}


def too_deep(value: Json, allowed: int = VALUE_DEPTH) -> bool:
    """Whether objects and lists stand in one another more often than `allowed`."""
    if not isinstance(value, dict | list):
        return False
    return allowed == 0 or any(
        too_deep(item, allowed - 1) for item in (value.values() if isinstance(value, dict) else value)
    )


def _unfit(given: JsonObject) -> Rejected | None:
    if too_deep(given):
        return Rejected(
            "invalid_argument", f"expected inputs at most {VALUE_DEPTH} deep, but they are deeper", "inputs"
        )
    try:
        size = len(dump_json(given))
    except InvalidJson as error:
        return Rejected("invalid_argument", f"expected inputs that JSON can carry, but {error}", "inputs")
    if size > PAYLOAD_BYTES:
        sentence = f"expected at most {PAYLOAD_BYTES} bytes of inputs, but got {size}"
        return Rejected("invalid_argument", sentence, "inputs", code="payload_too_large")
    return None


def _unknown(declared: Sequence[InputSpec], given: JsonObject) -> list[tuple[str, str]]:
    names = {one.name for one in declared}
    return [(name, f"expected one of the declared inputs, but {name!r} is none") for name in given if name not in names]


def _mismatched(declared: Sequence[InputSpec], given: JsonObject) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for one in declared:
        if one.name not in given:
            if not one.has_default:
                found.append((one.name, f"expected a value of type {one.type}, but it is missing"))
        elif not has_type(given[one.name], one.type):
            found.append((one.name, f"expected {one.type}, but got {json_type(given[one.name])}"))
    return found


def json_type(value: Json) -> str:
    """What JSON calls the type of this value."""
    names = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}
    return names.get(type(value), "null")


def _violated(violations: list[tuple[str, str]]) -> Rejected:
    name, sentence = violations[0]
    errors: list[Json] = [
        {"pointer": pointer(name), "field": f"inputs.{name}", "message": text} for name, text in violations
    ]
    return Rejected(
        "invalid_argument",
        f"inputs.{name}: {sentence}",
        field=f"inputs.{name}",
        code="contract_violation",
        details={"pointer": pointer(name), "errors": errors},
    )


def pointer(*parts: str) -> str:
    """A JSON pointer."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
