"""The topics, read from the YAML files beside this module: who speaks on them, who hears them, what they carry."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from zlib import crc32

import yaml
from pydantic import BaseModel, ConfigDict

Service = Literal["catalog", "engine", "dispatcher", "audit"]
SERVICES: tuple[Service, ...] = ("catalog", "engine", "dispatcher", "audit")


class Topic(BaseModel):
    """One topic. `partitions` is never changed in place: keys would move."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    speaker: Service
    hearers: tuple[Service, ...] = ()
    partitions: int
    compacted: bool = False
    dead_letters: bool = False
    retention: timedelta | None = None
    max_message_bytes: int = 1_048_576
    types: tuple[str, ...]

    def partition_of(self, key: str) -> int:
        """The partition of a key: CRC-32 modulo the count, chosen by the producer."""
        return crc32(key.encode()) % self.partitions


def _load() -> Mapping[str, Topic]:
    topics = (
        Topic.model_validate(yaml.safe_load(file.read_text()))
        for file in sorted(files(__package__).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml")
    )
    return {topic.name: topic for topic in topics}


TOPICS: Mapping[str, Topic] = _load()


@cache
def topic_for(speaker: str, event_type: str) -> Topic:
    """The topic on which `speaker` says `event_type`. Raises `LookupError` if it never does."""
    for topic in TOPICS.values():
        if topic.speaker == speaker and event_type in topic.types:
            return topic
    raise LookupError(f"expected a topic of {speaker} for {event_type}, but no file in topics/ names one")


@cache
def heard_by(service: str) -> tuple[Topic, ...]:
    """The event topics that a service consumes, in the order of their names. Compacted ones are replicated instead."""
    return tuple(topic for topic in TOPICS.values() if service in topic.hearers and not topic.compacted)
