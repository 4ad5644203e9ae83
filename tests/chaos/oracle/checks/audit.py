"""The audit log has every call that was made, and none that was not."""

import json
from collections.abc import Iterator

from tests.chaos.oracle.observation import ACCEPTED, Fact, Observation

EXECUTORS = frozenset({"mobius-courier", "mobius-invoker"})


def audit_log_is_the_history(seen: Observation) -> Iterator[str]:
    """A row for each accepted result and for what somebody had when its run ended, with the same outcome; no other."""
    rows = {row["id"]: row for row in seen.rows("audit.invocations")}
    ended = {name: event for name, events in seen.invocations.items() for event in events if _is_for_the_log(event)}
    for name, event in ended.items():
        if name not in rows:
            yield f"expected {event['id']} in the audit log, but {name} is not there"
        elif _of_row(rows[name]) != _of_event(event):
            yield f"expected the audit log to say of {name} what {event['id']} says, but it says {_of_row(rows[name])}"
    for name in rows.keys() - ended.keys():
        yield f"expected a result for the audit row {name}, but the history has none"


def _is_for_the_log(event: Fact) -> bool:
    return event["type"] in ACCEPTED or (event["type"] == "job.closed" and "claimed_by" in event["data"])


def _of_row(row: Fact) -> tuple[object, ...]:
    output = None if row["output_summary"] is None else json.loads(row["output_summary"])
    outcome = output or (None if row["error_type"] == "run_failed" else row["error_message"])
    return row["run_id"], row["status"], row["attempt"], row["executed_by"], outcome


def _of_event(event: Fact) -> tuple[object, ...]:
    data, failed = event["data"], not event["type"].endswith(".completed")
    outcome = data.get("error_message") if failed else data.get("result")
    return data["run_id"], "failed" if failed else "success", data["attempt"], data["claimed_by"], outcome


def deliveries_are_in_the_audit_log(seen: Observation) -> Iterator[str]:
    """Whatever reached the receiver, also when its answer got lost; no delivery is of an attempt after the last."""
    rows = {row["id"]: row for row in seen.rows("audit.invocations")}
    for line in seen.noted("received", "receiver"):
        row = rows.get(line["delivery_id"])
        if row is None:
            delivery = f"{line['delivery_id']} of {line['run_id']}"
            yield f"expected the delivery {delivery} in the audit log, but it is not there"
        elif row["attempt"] < line["attempt"]:
            yield f"expected no delivery of {row['id']} after attempt {row['attempt']}, but {line['attempt']} arrived"


def messages_are_in_the_audit_log(seen: Observation) -> Iterator[str]:
    posted = {line["text"] for line in seen.noted("posted", "slack")}
    rows = {
        json.loads(row["parameters"])["text"]: row
        for row in seen.rows("audit.invocations")
        if row["action_name"] == "slack.post-message"
    }
    for text in posted - rows.keys():
        yield f"expected the message {text!r} in the audit log, but it is not there"
    for text, row in rows.items():
        if row["status"] == "success" and text not in posted:
            yield f"expected {row['id']} to have posted {text!r}, but Slack never saw it"


def audited_deliveries_arrived(seen: Observation) -> Iterator[str]:
    """The other way round: a row that says that we called somebody, and how he answered."""
    answered: dict[str, list[object]] = {}
    for line in seen.noted("answered", "receiver"):
        answered.setdefault(line["delivery_id"], []).append(line["result"])
    for row in seen.rows("audit.invocations"):
        ours = row["executed_by"] in EXECUTORS and row["action_name"] != "slack.post-message"
        if ours and row["status"] == "success" and json.loads(row["output_summary"]) not in answered.get(row["id"], []):
            yield f"expected the receiver to have answered {row['id']} so, but it did not"


def nothing_was_refused(seen: Observation) -> Iterator[str]:
    for line in seen.noted("refused", "receiver"):
        yield f"expected every delivery to be signed, but the receiver refused one: {line['reason']}"


CHECKS = (
    audit_log_is_the_history,
    deliveries_are_in_the_audit_log,
    messages_are_in_the_audit_log,
    audited_deliveries_arrived,
    nothing_was_refused,
)
