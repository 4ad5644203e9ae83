"""The inputs and outputs that a workflow declares."""

from collections.abc import Sequence

from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.loose_json import objects, words


def declared(spec: JsonObject, field: str) -> Sequence[JsonObject]:
    """The declared `inputs` or `outputs`."""
    return list(objects(spec.get(field)))


def inputs_schema(spec: JsonObject) -> JsonObject:
    """What the inputs of a run have to be, as the engine holds them against their declarations."""
    named = {words(one.get("name")): one for one in declared(spec, "inputs") if words(one.get("name"))}
    required: list[Json] = [name for name, one in named.items() if "default" not in one]
    return {"type": "object", "properties": {name: _value(one) for name, one in named.items()}, "required": required}


def _value(declaration: JsonObject) -> JsonObject:
    """One input. The type `any` is none in a schema."""
    kept = {name: declaration[name] for name in ("type", "description", "default") if name in declaration}
    return {name: value for name, value in kept.items() if (name, value) != ("type", "any")}
