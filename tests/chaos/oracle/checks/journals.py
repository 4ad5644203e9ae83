"""Journal, outbox, topics and positions tell the same."""

from collections.abc import Iterator, Mapping

from tests.chaos.oracle.observation import Fact, Observation

TRIMMED = ("action-state/", "integration-state/")
"""Streams of the catalog that may have lost their beginning: states that carry sealed secrets, and were superseded."""

STRAIGHT = ("secret-use/", "key-use/")
"""Streams of one event each, which go straight to a compacted topic: what was used when is soon said again."""


def sequences_have_no_gap(seen: Observation) -> Iterator[str]:
    for service, streams in seen.journals.items():
        for stream, events in streams.items():
            found = [event["sequence"] for event in events]
            first = found[0] if stream.startswith(TRIMMED) else 1
            if found != list(range(first, first + len(found))):
                yield f"expected {stream} in the journal of {service} to count from 1 without a gap, but it has {found}"


def outboxes_are_empty(seen: Observation) -> Iterator[str]:
    for service in seen.services:
        for row in seen.rows(f"{service}.outbox"):
            yield f"expected the outbox of {service} to be empty, but {row['stream']}:{row['seq']} is in it"


def topics_hold_the_journals(seen: Observation) -> Iterator[str]:
    """Every event that was committed is on a topic of its service, byte for byte."""
    for service in seen.services:
        said = {record.value for record in seen.records if record.topic.startswith(f"mobius.{service}-")}
        for row in seen.rows(f"{service}.journal"):
            if row["event"] not in said:
                event = f"{row['stream']}:{row['seq']}"
                yield f"expected {event} of {service} on a topic as it was committed, but it is not"


def journals_hold_the_topics(seen: Observation) -> Iterator[str]:
    """Nothing is said that was not committed, but for what needs no place in a journal."""
    kept = {row["event"] for service in seen.services for row in seen.rows(f"{service}.journal")}
    firsts = {stream: events[0]["sequence"] for streams in seen.journals.values() for stream, events in streams.items()}
    for record in seen.records:
        if record.value not in kept and not _is_trimmed(record.event, firsts) and not _is_straight(record.event):
            yield f"expected {record.event['id']} at {record.place} to be in a journal, but it is in none"


def _is_trimmed(event: Fact, firsts: Mapping[str, int]) -> bool:
    stream = str(event["subject"])
    return stream.startswith(TRIMMED) and int(event["sequence"]) < firsts.get(stream, 0)


def _is_straight(event: Fact) -> bool:
    return str(event["subject"]).startswith(STRAIGHT) and event["sequence"] == 1


def hearers_have_heard_everything(seen: Observation) -> Iterator[str]:
    for service in seen.services:
        for row in seen.rows(f"{service}.positions"):
            place = f"{row['topic']}/{row['partition']}"
            reached, end = row["next_offset"], seen.ends[place]
            if reached != end:
                yield f"expected {service} to have heard {place} up to {end}, but it is at {reached}"


def no_stream_is_parked(seen: Observation) -> Iterator[str]:
    """Whatever was struck, no handler failed for good and no hearer met a gap."""
    for service in seen.services:
        for row in seen.rows(f"{service}.parked_streams"):
            yield f"expected {service} to have parked nothing, but {row['stream']} is: {row['reason']}, {row['error']}"


CHECKS = (
    sequences_have_no_gap,
    outboxes_are_empty,
    topics_hold_the_journals,
    journals_hold_the_topics,
    hearers_have_heard_everything,
    no_stream_is_parked,
)
