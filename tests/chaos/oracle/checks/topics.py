"""What subscribers were promised: in order per stream after dropping repeats, no gaps, equal id means equal bytes."""

from collections.abc import Iterator

from tests.chaos.oracle.observation import Observation, Record


def repeats_are_equal(seen: Observation) -> Iterator[str]:
    first: dict[str, Record] = {}
    for record in seen.records:
        before = first.setdefault(record.event["id"], record)
        if before.value != record.value:
            places = f"{before.place} and {record.place}"
            yield f"expected equal bytes under the id {record.event['id']}, but {places} differ"


def streams_are_in_order(seen: Observation) -> Iterator[str]:
    """Counted from 1 without a gap, in one partition; what was there before may come again at any time."""
    reached: dict[tuple[str, str], int] = {}
    partitions: dict[tuple[str, str], int] = {}
    for record in sorted(seen.records, key=lambda record: record.address):
        event = record.event
        stream = record.topic, event["subject"]
        if partitions.setdefault(stream, record.partition) != record.partition:
            yield f"expected {event['subject']} in one partition, but {event['id']} is at {record.place}"
        due = reached.get(stream, 0) + 1
        if event["sequence"] > due:
            yield f"expected {event['subject']}:{due} next in its stream, but {event['id']} is at {record.place}"
        reached[stream] = max(reached.get(stream, 0), event["sequence"])


def envelopes_fit(seen: Observation) -> Iterator[str]:
    for record in seen.records:
        event = record.event
        speaker = event["source"].rpartition("/")[2]
        if event["id"] != f"{event['subject']}:{event['sequence']}":
            yield f"expected the id to be subject and sequence, but {record.place} says {event['id']}"
        if event["partitionkey"].encode() != record.key:
            yield f"expected the key {event['partitionkey']} on {event['id']}, but {record.place} has {record.key!r}"
        if not record.topic.startswith(f"mobius.{speaker}-"):
            yield f"expected {speaker} to speak on its own topics, but {event['id']} is at {record.place}"


def nothing_was_set_aside(seen: Observation) -> Iterator[str]:
    for record in seen.records:
        if record.topic.endswith("-dead-letters.v1"):
            data = record.event["data"]
            where = f"{data['topic']}/{data['partition']}@{data['offset']}"
            yield f"expected no dead letters, but {record.place} holds {where}: {data['reason']}, {data['error']}"


CHECKS = (repeats_are_equal, streams_are_in_order, envelopes_fit, nothing_was_set_aside)
