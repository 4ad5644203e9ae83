"""The published schemas as validators: by `jsonschema`, and independently by `jsonschema-rs`, formats included."""

from functools import cache

import jsonschema_rs
from jsonschema import Draft202012Validator

from libs.contracts.codec import JsonObject, parse_json
from libs.contracts.generate import recorded_schemas


@cache
def schema(name: str) -> JsonObject:
    """The schema file of `<type>/v<N>` as it lies in the tree."""
    document = parse_json(recorded_schemas()[name])
    assert isinstance(document, dict)
    return document


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


@cache
def strict_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """Also asserts `format`."""
    return jsonschema_rs.Draft202012Validator(schema(name), validate_formats=True)
