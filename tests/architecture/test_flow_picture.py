"""The picture in ARCHITECTURE.md shows who hears whom, no more and no less than the topics say."""

import re

from libs.contracts.topics import TOPICS
from tests.architecture.tree import ROOT

ARROW = re.compile(r"^\s*(\w+) -- (\w+-events) --> (\w+)$", re.MULTILINE)


def test_the_solid_arrows_between_services_are_the_event_topics() -> None:
    drawn = set(ARROW.findall((ROOT / "ARCHITECTURE.md").read_text()))
    heard = {
        (topic.speaker, topic.name.split(".")[1], hearer)
        for topic in TOPICS.values()
        if not topic.compacted
        for hearer in topic.hearers
    }

    assert drawn == heard


def test_every_speaker_of_events_is_drawn() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()

    assert [topic.name for topic in TOPICS.values() if not topic.compacted and not topic.dead_letters] == [
        topic.name for topic in TOPICS.values() if f"-- {topic.name.split('.')[1]} -->" in text
    ]
