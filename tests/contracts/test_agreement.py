"""The JSON Schema that subscribers build on and the class that Mobius reads with allow the same data."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from libs.contracts.codec import Json, JsonObject, dump_json, parse_own_json
from libs.contracts.moment import MOMENT_PATTERN
from libs.contracts.registry import Undecodable, decode, payload_classes
from tests.contracts.example_files import VALID, Example
from tests.contracts.schema_files import schema, strict_validator
from tests.contracts.schema_strategies import allowed, damaged

EVENTS = sorted(payload_classes())
MODEST = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PROBES = cast(
    "list[Json]",
    parse_own_json(
        b"""[null, true, 0, 1, -1, 1.5, "", "a", "1", [], ["a"], [["a", "b"]], [{}], {}, {"a": "b"}, {"a": 1},
        "2030-01-31", "2030-01-31T09:30:00", "2030-01-31T09:30:00Z", "2030-01-31T09:30:00+01:00", "2030-02-30T09:30:00Z"
        ]"""
    ),
)
BEYOND_SCHEMAS = frozenset({"id", "subject", "sequence", "type", "dataschema"})
"""Attributes that must fit each other, which a schema cannot say."""
MOMENT = re.compile(MOMENT_PATTERN)


@cache
def values_of(name: str) -> SearchStrategy[Json]:
    return allowed(schema(name), schema(name))


def envelope(type_: str, version: int, data: Json) -> JsonObject:
    return {
        "specversion": "1.0",
        "id": "stream:1",
        "source": "/mobius/engine",
        "type": type_,
        "subject": "stream",
        "time": "2030-01-31T09:30:00.000001Z",
        "dataschema": f"urn:mobius:{type_}:{version}",
        "project": "default",
        "sequence": 1,
        "partitionkey": "stream",
        "data": data,
    }


def is_read(document: Json) -> bool:
    try:
        decode(dump_json(document))
    except Undecodable:
        return False
    return True


@pytest.mark.parametrize(("type_", "version"), EVENTS)
@MODEST
@given(st.data())
def test_what_the_schema_allows_is_read_and_kept(type_: str, version: int, data: st.DataObject) -> None:
    name = f"{type_}/v{version}"
    value = cast(JsonObject, data.draw(values_of(name)))
    assert strict_validator(name).is_valid(value)

    payload = decode(dump_json(envelope(type_, version, value))).data

    kept = cast(JsonObject, parse_own_json(payload.model_dump_json(exclude_none=True).encode()))
    assert strict_validator(name).is_valid(kept)
    for field, part in value.items():
        assert part is None or same_less_nulls(kept[field], part)


@pytest.mark.parametrize(("type_", "version"), EVENTS)
@MODEST
@given(st.data())
def test_damaged_data_is_read_exactly_when_the_schema_allows_it(type_: str, version: int, data: st.DataObject) -> None:
    name = f"{type_}/v{version}"
    value = data.draw(values_of(name).flatmap(damaged))

    assert is_read(envelope(type_, version, value)) == strict_validator(name).is_valid(value)


@pytest.mark.parametrize("example", VALID, ids=str)
def test_every_part_of_an_example_takes_exactly_what_the_schema_takes(example: Example) -> None:
    schema_of = {"envelope": strict_validator("envelope/v1"), "data": strict_validator(f"{example.type}/v1")}

    for place, document in variants(example.document):
        valid = schema_of["envelope"].is_valid(document) and schema_of["data"].is_valid(document["data"])
        assert is_read(document) == valid or place in BEYOND_SCHEMAS, f"{place}: {document}"


def variants(whole: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """`whole` with every part, at any depth, removed once and replaced by every probe, and the name of the part."""
    for name, part in whole.items():
        yield name, {key: value for key, value in whole.items() if key != name}
        for probe in PROBES:
            yield name, {**whole, name: probe}
        if isinstance(part, dict):
            for place, inner in variants(part):
                yield f"{name}.{place}", {**whole, name: inner}
        if isinstance(part, list) and part and isinstance(part[0], dict):
            for place, inner in variants(part[0]):
                yield f"{name}.0.{place}", {**whole, name: [inner, *part[1:]]}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_envelope_is_read_only_when_its_schema_allows_it(data: st.DataObject) -> None:
    whole = envelope("run.completed", 1, {"outputs": {}})
    document = data.draw(damaged(cast(Json, whole)))

    if is_read(document):
        assert strict_validator("envelope/v1").is_valid(document)


def test_a_whole_number_with_a_fraction_is_the_one_known_difference() -> None:
    data = {"topic": "t", "partition": 1.0, "offset": 1, "reason": "r", "error": "e"}

    assert strict_validator("record.dead_lettered/v1").is_valid(data)
    assert not is_read(envelope("record.dead_lettered", 1, cast(Json, data)))


def same_less_nulls(kept: Json, sent: Json) -> bool:
    """Equal, but for what a record does not write: fields that are null, and defaults that it fills in."""
    if isinstance(kept, dict) and isinstance(sent, dict):
        return all(
            part is None or (field in kept and same_less_nulls(kept[field], part)) for field, part in sent.items()
        )
    if isinstance(kept, list) and isinstance(sent, list):
        return len(kept) == len(sent) and all(same_less_nulls(*pair) for pair in zip(kept, sent, strict=True))
    return same_scalar(kept, sent)


def same_scalar(kept: Json, sent: Json) -> bool:
    if isinstance(kept, str) and isinstance(sent, str) and MOMENT.fullmatch(sent):
        return datetime.fromisoformat(kept) == datetime.fromisoformat(sent)
    return type(kept) is type(sent) and kept == sent
