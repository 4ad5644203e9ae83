"""Pydantic models as components of the document, each once and by its name."""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from deploy.reference.glossary import explained
from libs.chassis.http import AnyRoute
from libs.contracts.codec import Json, JsonObject
from services.engine.domain.spec import WorkflowSpec

PLACE: Final = "#/components/schemas/"
_TYPED: Final[Mapping[str, str]] = {"spec": WorkflowSpec.__name__}
"""Fields of bodies that are taken as any object and checked later, by what they have to be."""


class _WithoutFieldTitles(GenerateJsonSchema):
    """Pydantic's generator without a title on every field: the name says it."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def components(routes: Iterable[AnyRoute]) -> dict[str, JsonObject]:
    """The schema of everything that goes in or comes out, by name. Raises `ValueError` where two share a name."""
    known = tuple(routes)
    taken = _schemas([WorkflowSpec, *(route.body for route in known if route.body)], "validation")
    answers = [answer for route in known for answer in route.responses.values() if answer]
    told = {
        name: schema if name in taken else _never_null(schema)
        for name, schema in _schemas(answers, "serialization").items()
    }
    for name in taken.keys() & told.keys():
        if taken[name] != told[name]:
            raise ValueError(f"expected one shape called {name}, but a body and an answer differ")
    everything = {**told, **{name: _typed(_absent(schema)) for name, schema in taken.items()}}
    return {name: explained(name, everything[name]) for name in sorted(everything)}


def query_fields(model: type[BaseModel]) -> tuple[JsonObject, frozenset[str]]:
    """The schema of every query parameter by name, and the names of those that have to be there."""
    schema = explained(model.__name__, cast(JsonObject, model.model_json_schema(schema_generator=_WithoutFieldTitles)))
    fields = _never_null(schema).get("properties", {})
    return cast(JsonObject, fields), frozenset(cast("list[str]", schema.get("required", [])))


def reference(model: type[BaseModel]) -> JsonObject:
    return {"$ref": PLACE + model.__name__}


def _schemas(models: Iterable[type[BaseModel]], mode: JsonSchemaMode) -> dict[str, JsonObject]:
    unique = list(dict.fromkeys(models))
    _, generated = models_json_schema(
        [(model, mode) for model in unique], ref_template=PLACE + "{model}", schema_generator=_WithoutFieldTitles
    )
    found = cast("dict[str, JsonObject]", generated.get("$defs", {}))
    if missing := [model.__name__ for model in unique if model.__name__ not in found]:
        raise ValueError(f"expected every model under its own name, but two are called {missing}")
    if "JsonValue" in found:
        found["JsonValue"] = {"description": "Any JSON value."}
    return found


def _never_null(schema: JsonObject) -> JsonObject:
    """Without null where it only stands for an absent field: such a field is left out of answers and of queries."""
    fields = cast("dict[str, JsonObject]", schema.get("properties", {}))
    return {**schema, "properties": {name: _present(field) for name, field in fields.items()}} if fields else schema


def _present(field: JsonObject) -> JsonObject:
    if "default" not in field or field["default"] is not None:
        return field
    kept = {name: value for name, value in field.items() if name not in ("default", "anyOf")}
    branches = [branch for branch in cast("list[Json]", field.get("anyOf", [])) if branch != {"type": "null"}]
    if len(branches) == 1:
        return {**kept, **cast(JsonObject, branches[0])}
    return {**kept, "anyOf": branches} if branches else kept


def _absent(schema: JsonObject) -> JsonObject:
    """Without a default of null: absent is absent, and null may mean something else or be refused."""
    fields = cast("dict[str, JsonObject]", schema.get("properties", {}))
    kept: dict[str, Json] = {
        name: {key: value for key, value in field.items() if key != "default" or value is not None}
        for name, field in fields.items()
    }
    return {**schema, "properties": kept} if fields else schema


def _typed(schema: JsonObject) -> JsonObject:
    fields = cast("dict[str, JsonObject]", schema.get("properties", {}))
    if not fields.keys() & _TYPED.keys():
        return schema
    return {**schema, "properties": {name: _as(field, _TYPED.get(name)) for name, field in fields.items()}}


def _as(field: JsonObject, shape: str | None) -> JsonObject:
    if shape is None:
        return field
    if "anyOf" in field:
        return {**field, "anyOf": [_as(cast(JsonObject, one), shape) for one in cast("list[Json]", field["anyOf"])]}
    if field.get("type") != "object":
        return field
    kept = {name: value for name, value in field.items() if name not in ("type", "additionalProperties")}
    return {**kept, "$ref": PLACE + shape}
