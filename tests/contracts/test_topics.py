"""The topics fit the events: everything has its place, each fact one speaker, and what must be together is together."""

from collections import defaultdict
from pathlib import Path

import pytest

from libs.contracts import topics
from libs.contracts.registry import payload_classes
from libs.contracts.topics import SERVICES, TOPICS, Topic, heard_by, topic_for

TYPES = sorted({type_ for type_, _ in payload_classes()})
EVENT_TOPICS = [topic for topic in TOPICS.values() if not topic.compacted and not topic.dead_letters]
STATE_TOPICS = [topic for topic in TOPICS.values() if topic.compacted]
DEAD_LETTER_TOPICS = [topic for topic in TOPICS.values() if topic.dead_letters]

every_topic = pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)


def test_every_event_is_on_one_topic_of_one_speaker() -> None:
    places = defaultdict(list)
    for topic in [*EVENT_TOPICS, *STATE_TOPICS]:
        for type_ in topic.types:
            places[type_].append(topic.name)

    of_all = places.pop("api_key_use.state")
    assert len(of_all) == len(SERVICES), "every service says when it let a key in"
    assert {type_: names for type_, names in places.items() if len(names) != 1} == {}
    assert sorted([*places, "api_key_use.state", "record.dead_lettered"]) == TYPES


@every_topic
def test_a_topic_carries_known_events_each_once(topic: Topic) -> None:
    assert set(topic.types) <= set(TYPES)
    assert len(set(topic.types)) == len(topic.types) > 0


@every_topic
def test_a_topic_is_named_for_its_speaker_and_its_kind(topic: Topic) -> None:
    kinds = {topic.compacted: "-state.v1", topic.dead_letters: "-dead-letters.v1"}

    assert topic.name.startswith(f"mobius.{topic.speaker}-")
    assert topic.name.endswith(kinds.get(True, "-events.v1"))
    assert (Path(topics.__file__).parent / f"{topic.name}.yaml").exists()


def test_no_file_is_left_unread() -> None:
    files = [path for path in Path(topics.__file__).parent.iterdir() if path.suffix in {".yaml", ".yml", ".json"}]

    assert len(files) == len(TOPICS)


@pytest.mark.parametrize("type_", TYPES)
def test_an_event_is_defined_in_its_speakers_module(type_: str) -> None:
    module = payload_classes()[(type_, 1)].__module__.removeprefix("libs.contracts.events.").partition(".")[0]
    speakers = {topic.speaker for topic in TOPICS.values() if type_ in topic.types}

    assert speakers == (set(SERVICES) if module == "shared" else {module})


def test_event_topics_are_co_partitioned() -> None:
    """All events of a run have the same key: on equal counts they have the same partition everywhere."""
    assert {topic.partitions for topic in EVENT_TOPICS} == {4}
    assert {topic.partition_of("run_01kjpy44hxebstkhmnvhnrt6rh") for topic in EVENT_TOPICS} == {0}


def test_state_topics_carry_one_kind_of_state_in_one_partition() -> None:
    assert all(len(topic.types) == 1 and topic.types[0].endswith(".state") for topic in STATE_TOPICS)
    assert {topic.partitions for topic in STATE_TOPICS} == {1}
    assert not [type_ for topic in EVENT_TOPICS for type_ in topic.types if type_.endswith(".state")]


def test_state_is_kept_for_ever_and_events_are_not() -> None:
    assert {topic.retention for topic in STATE_TOPICS} == {None}
    assert all(topic.retention for topic in [*EVENT_TOPICS, *DEAD_LETTER_TOPICS])


def test_every_service_has_a_dead_letter_topic_that_takes_any_record_in_base64() -> None:
    largest = max(topic.max_message_bytes for topic in TOPICS.values() if not topic.dead_letters)

    assert {topic.speaker for topic in DEAD_LETTER_TOPICS} == set(SERVICES)
    assert {topic.types for topic in DEAD_LETTER_TOPICS} == {("record.dead_lettered",)}
    assert all(topic.max_message_bytes > largest * 4 // 3 for topic in DEAD_LETTER_TOPICS)
    assert not any(topic.hearers for topic in DEAD_LETTER_TOPICS)


def test_nobody_consumes_its_own_events() -> None:
    assert [topic.name for topic in EVENT_TOPICS if topic.speaker in topic.hearers] == []


def test_a_service_consumes_events_but_not_compacted_state() -> None:
    assert [topic.name for topic in heard_by("engine")] == ["mobius.dispatcher-events.v1"]
    assert [topic for service in SERVICES for topic in heard_by(service) if topic.compacted] == []
    assert TOPICS["mobius.dispatcher-action-state.v1"].hearers, "else the line above shows nothing"


def test_what_a_service_never_says_has_no_topic() -> None:
    assert topic_for("engine", "run.started").name == "mobius.engine-events.v1"
    with pytest.raises(LookupError, match=r"expected a topic of catalog for run\.started, but"):
        topic_for("catalog", "run.started")
