"""Changes of an observation that keep everything else as it would be, so that only one thing is wrong."""

import copy
import json
from collections.abc import Callable

from tests.chaos.oracle.observation import Fact, Observation, Record


def untouched(seen: Observation) -> Observation:
    """A copy that may be spoiled."""
    return Observation(
        records=list(seen.records),
        tables=copy.deepcopy(seen.tables),
        diaries=copy.deepcopy(seen.diaries),
        views=copy.deepcopy(seen.views),
        ends=dict(seen.ends),
    )


def last_of(seen: Observation, *kinds: str) -> Fact:
    """The last event of a stream, of one of these types. Raises StopIteration where there is none."""
    journals = (streams for service in ("engine", "dispatcher") for streams in seen.journals[service].values())
    return next(events[-1] for events in journals if events[-1]["type"] in kinds)


def first_of(seen: Observation, kind: str, fits: Callable[[Fact], bool] = lambda event: True) -> Fact:
    """The first event of this type that fits."""
    journals = (streams for service in ("engine", "dispatcher") for streams in seen.journals[service].values())
    return next(event for events in journals for event in events if event["type"] == kind and fits(event))


def record_of(seen: Observation, event_id: str) -> Record:
    return next(record for record in seen.records if record.event["id"] == event_id)


def say(seen: Observation, near: Fact, **changes: object) -> Fact:
    """Another event like this one, committed and published after everything else."""
    event: Fact = {**copy.deepcopy(near), **changes}
    event["id"] = f"{event['subject']}:{event['sequence']}"
    raw, place = json.dumps(event).encode(), record_of(seen, near["id"])
    row = {"stream": event["subject"], "seq": event["sequence"], "key": event["partitionkey"], "event": raw}
    seen.tables[f"{_service(near)}.journal"].append(row)
    publish(seen, place.topic, place.partition, place.key, raw)
    return event


def publish(seen: Observation, topic: str, partition: int, key: bytes, raw: bytes) -> None:
    """At the end of the partition; every hearer has heard it."""
    place = f"{topic}/{partition}"
    seen.records.append(Record(topic, partition, seen.ends[place], key, raw))
    seen.ends[place] += 1
    for table, rows in seen.tables.items():
        for row in rows if table.endswith(".positions") else []:
            if (row["topic"], row["partition"]) == (topic, partition):
                row["next_offset"] += 1


def withdraw(seen: Observation, event: Fact) -> None:
    """As if it had never been said: neither in the journal nor on the topic."""
    table = f"{_service(event)}.journal"
    seen.tables[table] = [row for row in seen.rows(table) if not _is_of(row, event)]
    unpublish(seen, event)


def unpublish(seen: Observation, event: Fact) -> None:
    seen.records = [record for record in seen.records if record.event["id"] != event["id"]]


def rewrite(seen: Observation, event: Fact, change: Callable[[Fact], None]) -> None:
    """The same event with another content, in the journal and on the topic."""
    changed = copy.deepcopy(event)
    change(changed["data"])
    raw = json.dumps(changed).encode()
    for row in seen.rows(f"{_service(event)}.journal"):
        if _is_of(row, event):
            row["event"] = raw
    replace(seen, event["id"], lambda record: Record(*record.address, record.key, raw))


def replace(seen: Observation, event_id: str, by: Callable[[Record], Record]) -> None:
    seen.records = [by(record) if record.event["id"] == event_id else record for record in seen.records]


def _is_of(row: Fact, event: Fact) -> bool:
    return bool((row["stream"], row["seq"]) == (event["subject"], event["sequence"]))


def _service(event: Fact) -> str:
    return str(event["source"]).rpartition("/")[2]
