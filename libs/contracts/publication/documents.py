"""The JSON Schemas (draft 2020-12) of every payload class and of the envelope, computed from the pydantic classes."""

from collections.abc import Mapping
from typing import Final, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from libs.contracts.attributes import ENVELOPE_VERSION, Envelope
from libs.contracts.codec import JsonObject
from libs.contracts.publication.glossary import FIELDS
from libs.contracts.registry import payload_classes

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE: Final = f"envelope/v{ENVELOPE_VERSION}"


class _WithoutFieldTitles(GenerateJsonSchema):
    """Pydantic's generator without a title on every field: the name says it."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schemas() -> Mapping[str, JsonObject]:
    """Every schema by its name, `<type>/v<version>`, and the envelope's."""
    found = {ENVELOPE: schema_of(Envelope, f"urn:mobius:envelope:{ENVELOPE_VERSION}")}
    for (type_, version), payload in sorted(payload_classes().items()):
        found[f"{type_}/v{version}"] = schema_of(payload, payload.dataschema())
    return found


def schema_of(model: type[BaseModel], urn: str) -> JsonObject:
    """The schema of what `model` reads. Fields without a description of their own get the glossary's."""
    generated = cast(JsonObject, model.model_json_schema(schema_generator=_WithoutFieldTitles))
    parts = cast("dict[str, JsonObject]", generated.pop("$defs", {}))
    for part in (generated, *parts.values()):
        _describe_fields(part)
    if "JsonValue" in parts:
        parts["JsonValue"] = {"description": "Any JSON value."}
    head: JsonObject = {"$schema": DIALECT, "$id": urn, "title": generated.pop("title")}
    return {**head, **generated, **({"$defs": cast(JsonObject, parts)} if parts else {})}


def _describe_fields(part: JsonObject) -> None:
    """Puts every field's description first, where a reader looks for it."""
    fields = cast("dict[str, JsonObject]", part.get("properties", {}))
    for name, field in fields.items():
        description = field.get("description", FIELDS.get(name))
        if description is not None:
            fields[name] = {"description": description, **field}
