"""The AsyncAPI 3 document of all topics, from the same schemas that are published one by one."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from libs.contracts.attributes import ENVELOPE_VERSION
from libs.contracts.codec import Json, JsonObject
from libs.contracts.publication.documents import ENVELOPE
from libs.contracts.topics import TOPICS, Topic

_ABOUT: Final = """\
What Mobius says on Kafka. Every value is a CloudEvent 1.0 as structured JSON. Events of one stream (`subject`) come \
in order, without gaps in `sequence`; delivery is at least once, so deduplicate by `id`. Compacted topics hold the \
latest state by key. A published version of an event never changes but for new optional fields: ignore what you do not \
know.\
"""
_FORMAT: Final = "application/schema+json;version=draft-2020-12"
_MEDIA: Final = "application/cloudevents+json"
_SCHEMAS: Final = "#/components/schemas/"


def document(schemas: Mapping[str, JsonObject]) -> JsonObject:
    """The document; `schemas` by their published names."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Mobius events",
            "version": f"{ENVELOPE_VERSION}.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _MEDIA,
        "channels": {topic.name: _channel(topic, schemas) for topic in TOPICS.values()},
        "operations": dict(_operations()),
        "components": {
            "messages": {_key(name): _message(name, schemas[name]) for name in schemas if name != ENVELOPE},
            "schemas": {_key(name): _part(_key(name), schema) for name, schema in schemas.items()},
        },
    }


def _channel(topic: Topic, schemas: Mapping[str, JsonObject]) -> JsonObject:
    names = [_key(name) for type_ in topic.types for name in schemas if name.rsplit("/", 1)[0] == type_]
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": _kafka(topic)},
    }


def _kafka(topic: Topic) -> JsonObject:
    kept: Json = -1 if topic.retention is None else topic.retention // timedelta(milliseconds=1)
    configuration: JsonObject = {"max.message.bytes": topic.max_message_bytes}
    if topic.compacted:
        configuration["cleanup.policy"] = ["compact"]
    else:
        configuration |= {"cleanup.policy": ["delete"], "retention.ms": kept}
    return {"topic": topic.name, "partitions": topic.partitions, "topicConfiguration": configuration}


def _operations() -> Iterator[tuple[str, Json]]:
    """Who says what, and who of Mobius hears it; everybody else may hear it too."""
    for topic in TOPICS.values():
        channel: JsonObject = {"$ref": f"#/channels/{topic.name}"}
        yield (
            f"{topic.speaker}.says.{topic.name}",
            {"action": "send", "channel": channel, "summary": f"{topic.speaker} says it."},
        )
        for hearer in topic.hearers:
            yield (
                f"{hearer}.hears.{topic.name}",
                {"action": "receive", "channel": channel, "summary": f"{hearer} hears it."},
            )


def _message(name: str, schema: JsonObject) -> JsonObject:
    """An envelope whose `data` is the payload."""
    type_, _, version = name.rpartition("/v")
    says: JsonObject = {
        "type": {"const": type_},
        "dataschema": {"const": f"urn:mobius:{type_}:{version}"},
        "data": {"$ref": f"{_SCHEMAS}{_key(name)}/schema"},
    }
    whole: list[Json] = [{"$ref": f"{_SCHEMAS}{_key(ENVELOPE)}/schema"}, {"type": "object", "properties": says}]
    return {
        "name": type_,
        "title": schema.get("title", type_),
        "summary": " ".join(str(schema.get("description", "")).split()),
        "contentType": _MEDIA,
        "payload": {"schemaFormat": _FORMAT, "schema": {"allOf": whole}},
    }


def _part(key: str, schema: JsonObject) -> JsonObject:
    """A published schema as a component. Its own definitions stay inside it, and references lead there."""
    kept = {name: value for name, value in schema.items() if name not in ("$schema", "$id")}
    return {"schemaFormat": _FORMAT, "schema": _moved(kept, f"{_SCHEMAS}{key}/schema/$defs/")}


def _moved(node: Json, place: str) -> Json:
    if isinstance(node, list):
        return [_moved(one, place) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: place + str(value).removeprefix("#/$defs/") if name == "$ref" else _moved(value, place)
        for name, value in node.items()
    }


def _key(name: str) -> str:
    """`run.started.v1` for `run.started/v1`: a slash would have to be escaped in every reference."""
    return name.replace("/", ".")
