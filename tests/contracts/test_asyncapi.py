"""The AsyncAPI document says of every topic and every event what the contracts say.

Its form is held here rule by rule, as AsyncAPI 3.0 has it for what is used of it.
"""

from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from libs.contracts.registry import payload_classes
from libs.contracts.topics import TOPICS, Topic
from tests.contracts.example_files import INVALID, VALID, Example

DOCUMENT = cast("dict[str, Any]", parse_own_json(published("asyncapi.json")))
CHANNELS, OPERATIONS, COMPONENTS = DOCUMENT["channels"], DOCUMENT["operations"], DOCUMENT["components"]
SELF = "urn:asyncapi"
REGISTRY: Registry[Any] = Registry().with_resource(SELF, DRAFT202012.create_resource(DOCUMENT))


def test_it_has_the_parts_of_an_asyncapi_3_document() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(DOCUMENT["info"])
    known = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
    assert set(DOCUMENT) <= known


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)
def test_a_topic_is_a_channel_with_its_messages(topic: Topic) -> None:
    channel = CHANNELS[topic.name]
    assert channel["address"] == topic.name
    names = [f"{type_}.v{version}" for type_, version in payload_classes() if type_ in topic.types]
    assert channel["messages"] == {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(names)}
    assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
    said = OPERATIONS[f"{topic.speaker}.says.{topic.name}"]
    assert (said["action"], said["channel"]) == ("send", {"$ref": f"#/channels/{topic.name}"})
    assert {f"{hearer}.hears.{topic.name}" for hearer in topic.hearers} <= set(OPERATIONS)


def test_nothing_is_in_it_beyond_the_topics() -> None:
    assert set(CHANNELS) == set(TOPICS)
    assert len(OPERATIONS) == sum(1 + len(topic.hearers) for topic in TOPICS.values())
    assert {operation["action"] for operation in OPERATIONS.values()} == {"send", "receive"}


def test_every_reference_leads_somewhere() -> None:
    resolver = REGISTRY.resolver(SELF)
    found = list(_references(DOCUMENT))
    assert len(found) > len(TOPICS) * 3
    for reference in found:
        resolver.lookup(reference)


def test_every_message_names_its_format() -> None:
    for name, message in COMPONENTS["messages"].items():
        assert name.startswith(f"{message['name']}.v")
        assert set(message["payload"]) == {"schemaFormat", "schema"}
        assert message["contentType"] == "application/cloudevents+json"


@pytest.mark.parametrize("example", VALID, ids=str)
def test_a_valid_example_is_a_message(example: Example) -> None:
    assert list(_validator(example).iter_errors(example.document)) == []


@pytest.mark.parametrize("example", [one for one in INVALID if one.reason == "invalid_data"], ids=str)
def test_an_example_with_invalid_data_is_none(example: Example) -> None:
    assert list(_validator(example).iter_errors(example.document)) != []


def _validator(example: Example) -> Draft202012Validator:
    place = f"{SELF}#/components/messages/{example.type}.v{example.version}/payload/schema"
    return Draft202012Validator({"$ref": place}, registry=REGISTRY)


def _references(node: Any) -> Any:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for value in node.values():
            yield from _references(value)
    if isinstance(node, list):
        for value in node:
            yield from _references(value)
