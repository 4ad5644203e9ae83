"""What can go wrong between journal, outbox and topics."""

import json

from tests.chaos.corruptions.edits import first_of, last_of, publish, record_of, replace, say, unpublish, withdraw
from tests.chaos.oracle.observation import Observation, Record


def event_lost_on_the_way(seen: Observation) -> str:
    event = last_of(seen, "run.completed")
    unpublish(seen, event)
    return str(event["id"])


def event_said_but_not_committed(seen: Observation) -> str:
    event = last_of(seen, "run.completed")
    rows = seen.tables["engine.journal"]
    seen.tables["engine.journal"] = [row for row in rows if row["stream"] != event["subject"]]
    return str(event["id"])


def gap_in_a_journal(seen: Observation) -> str:
    event = first_of(seen, "step.scheduled")
    withdraw(seen, event)
    return str(event["subject"])


def two_events_in_the_wrong_order(seen: Observation) -> str:
    event = first_of(seen, "step.scheduled")
    first, second = record_of(seen, f"{event['subject']}:1"), record_of(seen, event["id"])
    replace(seen, event["id"], lambda record: Record(*record.address, first.key, b"{}"))
    replaced = [Record(*first.address, second.key, second.value), Record(*second.address, first.key, first.value)]
    seen.records = [record for record in seen.records if record.address not in (first.address, second.address)]
    seen.records += replaced
    return str(event["id"])


def other_bytes_under_a_repeated_id(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    record = record_of(seen, event["id"])
    event["data"]["result"] = {"nonce": "another"}
    publish(seen, record.topic, record.partition, record.key, json.dumps(event).encode())
    return str(event["id"])


def stream_in_two_partitions(seen: Observation) -> str:
    event = last_of(seen, "run.completed")
    replace(
        seen,
        event["id"],
        lambda record: Record(record.topic, (record.partition + 1) % 4, 10**6, record.key, record.value),
    )
    return str(event["subject"])


def key_of_another_run(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    replace(seen, event["id"], lambda record: Record(*record.address, b"run_other", record.value))
    return str(event["id"])


def row_left_in_an_outbox(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    seen.tables["dispatcher.outbox"].append({"shard": 0, "stream": event["subject"], "seq": event["sequence"]})
    return str(event["id"])


def hearer_that_stopped_early(seen: Observation) -> str:
    row = next(row for row in seen.rows("audit.positions") if row["next_offset"] > 0)
    row["next_offset"] -= 1
    return f"{row['topic']}/{row['partition']}"


def parked_stream(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    row = {"stream": event["subject"], "reason": "sequence_gap", "error": "expected another sequence"}
    seen.tables["audit.parked_streams"].append(row)
    return str(event["subject"])


def record_set_aside(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    record = record_of(seen, event["id"])
    said = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    letter = say(seen, event, subject="dlq", sequence=1, data={**said, "reason": "handler_failed", "error": "x"})
    raw = json.dumps(letter).encode()
    seen.ends["mobius.audit-dead-letters.v1/0"] = 0
    publish(seen, "mobius.audit-dead-letters.v1", 0, record.key, raw)
    return record.place


PLANTED = {
    event_lost_on_the_way: "topics_hold_the_journals",
    event_said_but_not_committed: "journals_hold_the_topics",
    gap_in_a_journal: "sequences_have_no_gap",
    two_events_in_the_wrong_order: "streams_are_in_order",
    other_bytes_under_a_repeated_id: "repeats_are_equal",
    stream_in_two_partitions: "streams_are_in_order",
    key_of_another_run: "envelopes_fit",
    row_left_in_an_outbox: "outboxes_are_empty",
    hearer_that_stopped_early: "hearers_have_heard_everything",
    parked_stream: "no_stream_is_parked",
    record_set_aside: "nothing_was_set_aside",
}
