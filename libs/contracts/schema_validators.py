"""The compiled validators of one schema: its root, any schema inside it by pointer, and single keywords of them."""

from functools import cached_property
from typing import Final, NoReturn
from urllib.parse import quote

import jsonschema_rs

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_patterns import pattern_options
from libs.contracts.schema_shape import DRAFT_7, Subschema, all_schemas, anchors_of, draft_of, local_target

_ROOT: Final = "urn:mobius:gate"


class Validators:
    """Compiles lazily and keeps what it compiled. The schema must have passed the rules of registration."""

    def __init__(self, schema: JsonObject) -> None:
        self._schema: JsonObject = {key: value for key, value in schema.items() if key != "$id"}
        self.is_draft_7 = draft_of(schema) == DRAFT_7
        self._by_pointer: dict[str, jsonschema_rs.Validator] = {"": self._compile(self._schema)}
        self._by_keyword: dict[tuple[str, str], jsonschema_rs.Validator] = {}

    def is_invalid(self, pointer: str, value: Json) -> bool:
        """Whether the schema at `pointer` refuses `value`."""
        validator = self._by_pointer.get(pointer)
        if validator is None:
            validator = self._compile({"$ref": f"{_ROOT}#{quote(pointer)}"})
            self._by_pointer[pointer] = validator
        return not validator.is_valid(value)

    def is_any_invalid(self, pointer: str, values: list[Json]) -> bool:
        """Whether the schema at `pointer` refuses one of `values`."""
        validator = self._by_keyword.get((pointer, "each of many"))
        if validator is None:
            validator = self._compile({"items": {"$ref": f"{_ROOT}#{quote(pointer)}"}})
            self._by_keyword[pointer, "each of many"] = validator
        return not validator.is_valid(values)

    def breaks_keyword(self, pointer: str, keyword: str, value: Json) -> bool:
        """Whether one assertion of the schema at `pointer`, alone, refuses `value`."""
        validator = self._by_keyword.get((pointer, keyword))
        if validator is None:
            schema = self.schema_at(pointer)
            validator = self._compile({keyword: schema[keyword]} if isinstance(schema, dict) else {})
            self._by_keyword[pointer, keyword] = validator
        return not validator.is_valid(value)

    def matches(self, pattern: str, text: str) -> bool:
        """Whether `text` holds a match of `pattern`."""
        validator = self._by_keyword.get((pattern, "pattern of keys"))
        if validator is None:
            validator = self._compile({"pattern": pattern})
            self._by_keyword[pattern, "pattern of keys"] = validator
        return validator.is_valid(text)

    def schema_at(self, pointer: str) -> "JsonObject | bool":
        """The schema at `pointer`."""
        return self._schemas[pointer]

    def target_of(self, reference: str) -> str | None:
        """The pointer that a `$ref` leads to."""
        return local_target(reference, self._anchors)

    @cached_property
    def schemas(self) -> list[Subschema]:
        """The root and every schema below it."""
        return list(all_schemas(self._schema))

    @cached_property
    def _schemas(self) -> "dict[str, JsonObject | bool]":
        return {one.pointer: one.schema for one in self.schemas}

    @cached_property
    def _anchors(self) -> dict[str, str]:
        return anchors_of(self.schemas)

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        draft = jsonschema_rs.Draft7 if self.is_draft_7 else jsonschema_rs.Draft202012
        return jsonschema_rs.Registry([(_ROOT, self._schema)], draft=draft, retriever=_refuse)

    def _compile(self, schema: JsonObject) -> jsonschema_rs.Validator:
        dialect = jsonschema_rs.Draft7Validator if self.is_draft_7 else jsonschema_rs.Draft202012Validator
        return dialect(
            schema,
            registry=self._registry,
            pattern_options=pattern_options(),
            validate_formats=False,
        )


def _refuse(uri: str, /) -> NoReturn:
    raise ValueError(f"expected a reference inside the schema, but it is {uri[:60]}")
