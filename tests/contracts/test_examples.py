"""The examples are true: they decode, hold against the schemas, come back as they were, and tell one story."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from typing import cast, get_args

import pytest

from libs.contracts.codec import Json, JsonObject, parse_json
from libs.contracts.envelope import encode
from libs.contracts.registry import Reason, Undecodable, decode, payload_classes
from libs.contracts.topics import topic_for
from tests.contracts.example_files import INVALID, VALID, Example, examples
from tests.contracts.schema_files import strict_validator, validator


@pytest.mark.parametrize(("type_", "version"), sorted(payload_classes()))
def test_every_event_has_one_valid_and_two_invalid_examples(type_: str, version: int) -> None:
    valid = [one for one in VALID if (one.type, one.version) == (type_, version)]
    invalid = [one for one in INVALID if (one.type, one.version) == (type_, version)]

    assert len(valid) >= 1
    assert len(invalid) >= 2


def test_every_example_is_of_an_event_that_exists() -> None:
    assert {(one.type, one.version) for one in examples()} <= set(payload_classes())


def test_every_reason_has_an_example() -> None:
    assert {one.reason for one in INVALID} == set(get_args(Reason))


@pytest.mark.parametrize("example", VALID, ids=str)
def test_a_valid_example_decodes_as_what_its_place_says(example: Example) -> None:
    event = decode(example.raw)

    assert (event.type, type(event.data).version) == (example.type, example.version)
    assert event.type in topic_for(event.source.removeprefix("/mobius/"), event.type).types


@pytest.mark.parametrize("example", VALID, ids=str)
def test_a_valid_example_holds_against_envelope_and_payload_schema(example: Example) -> None:
    document = example.document
    name = f"{example.type}/v{example.version}"

    validator("envelope/v1").validate(document)
    validator(name).validate(document["data"])
    assert strict_validator("envelope/v1").is_valid(document)
    assert strict_validator(name).is_valid(document["data"])


@pytest.mark.parametrize("example", VALID, ids=str)
def test_a_valid_example_comes_back_as_it_was(example: Example) -> None:
    again = encode(decode(example.raw))

    assert _without_added_defaults(parse_json(again), example) == example.document
    assert encode(decode(again)) == again


@pytest.mark.parametrize("example", INVALID, ids=str)
def test_an_invalid_example_is_refused_with_its_reason(example: Example) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(example.raw)

    assert refused.value.reason == example.reason
    assert str(refused.value).startswith("expected ")
    assert ", but " in str(refused.value)


@pytest.mark.parametrize("example", [one for one in INVALID if one.reason == "invalid_data"], ids=str)
def test_invalid_data_does_not_hold_against_the_schema_either(example: Example) -> None:
    assert strict_validator("envelope/v1").is_valid(example.document)
    assert not strict_validator(f"{example.type}/v{example.version}").is_valid(example.document["data"])


def test_every_stream_of_the_examples_is_complete_and_in_order() -> None:
    streams = defaultdict(list)
    for example in VALID:
        streams[example.document["subject"]].append(example.document)

    for subject, events in streams.items():
        events.sort(key=lambda event: cast(int, event["sequence"]))
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1)), subject
        times = [datetime.fromisoformat(cast(str, event["time"])) for event in events]
        assert all(earlier <= later for earlier, later in pairwise(times)), subject


def test_every_example_follows_from_another_that_came_before_it() -> None:
    by_id = {example.document["id"]: example.document for example in VALID}

    assert len(by_id) == len(VALID)
    for example in VALID:
        cause = example.document.get("causationid")
        if cause is not None:
            assert cast(str, by_id[cause]["time"]) <= cast(str, example.document["time"]), example.path.name


def test_events_of_a_run_carry_the_run_as_their_key() -> None:
    of_runs = [example.document for example in VALID if "correlationid" in example.document]

    assert len(of_runs) > 10
    for document in of_runs:
        assert document["partitionkey"] == document["correlationid"]


def _without_added_defaults(document: Json, example: Example) -> JsonObject:
    """`document` less the fields that its class gained, with a default, after the example was written."""
    whole = cast(JsonObject, document)
    known = cast(JsonObject, example.document["data"])
    fields = payload_classes()[(example.type, example.version)].model_fields
    data = cast(JsonObject, whole["data"])
    kept = {name: value for name, value in data.items() if name in known or fields[name].is_required()}
    return {**whole, "data": kept}
