"""What can go wrong in the audit log and in what the API shows."""

import json

from tests.chaos.oracle.observation import Fact, Observation


def missing_audit_row(seen: Observation) -> str:
    row = seen.rows("audit.invocations").pop()
    return str(row["id"])


def audit_row_without_a_result(seen: Observation) -> str:
    row = seen.rows("audit.invocations")[0]
    seen.tables["audit.invocations"].append({**row, "id": "job_invented"})
    return "job_invented"


def audit_row_with_another_outcome(seen: Observation) -> str:
    row = _delivered(seen)
    row["status"] = "failed"
    return str(row["id"])


def audit_row_without_a_delivery(seen: Observation) -> str:
    row = _delivered(seen)
    lines = seen.diaries["receiver"]
    seen.diaries["receiver"] = [line for line in lines if line.get("delivery_id") != row["id"]]
    return str(row["id"])


def delivery_that_is_not_in_the_audit_log(seen: Observation) -> str:
    line = next(seen.noted("received", "receiver"))
    seen.diaries["receiver"].append({**line, "delivery_id": "job_secret"})
    return "job_secret"


def delivery_after_the_last_attempt(seen: Observation) -> str:
    line = next(seen.noted("received", "receiver"))
    seen.diaries["receiver"].append({**line, "attempt": 99})
    return str(line["delivery_id"])


def message_that_is_not_in_the_audit_log(seen: Observation) -> str:
    seen.diaries["slack"].append({"what": "posted", "text": "run secret", "ts": "1.0"})
    return "run secret"


def audited_message_that_slack_never_saw(seen: Observation) -> str:
    row = next(row for row in seen.rows("audit.invocations") if _is_message(row))
    text = json.loads(row["parameters"])["text"]
    seen.diaries["slack"] = [line for line in seen.diaries["slack"] if line.get("text") != text]
    return str(row["id"])


def _is_message(row: Fact) -> bool:
    return bool(row["action_name"] == "slack.post-message" and row["status"] == "success")


def unsigned_delivery(seen: Observation) -> str:
    seen.diaries["receiver"].append({"what": "refused", "reason": "no signature"})
    return "no signature"


def run_shown_as_something_else(seen: Observation) -> str:
    view = next(view for view in seen.views["runs"] if view["status"] == "completed")
    view["status"] = "active"
    return str(view["id"])


def run_that_the_table_forgot(seen: Observation) -> str:
    return str(seen.rows("engine.runs").pop()["run_id"])


def run_shown_without_a_history(seen: Observation) -> str:
    seen.views["runs"].append({**seen.views["runs"][0], "id": "run_shown"})
    return "run_shown"


def job_shown_as_something_else(seen: Observation) -> str:
    view = next(view for view in seen.views["jobs"] if view["status"] == "completed")
    view["status"] = "claimed"
    return str(view["id"])


def job_that_is_not_shown(seen: Observation) -> str:
    return str(seen.views["jobs"].pop()["id"])


def audit_row_that_is_not_shown(seen: Observation) -> str:
    return str(seen.views["audit_log"].pop()["id"])


def audit_row_shown_as_something_else(seen: Observation) -> str:
    entry = seen.views["audit_log"][0]
    entry["status"] = "failed" if entry["status"] == "success" else "success"
    return str(entry["id"])


def _delivered(seen: Observation) -> Fact:
    """An audit row of a successful delivery."""
    ours = (row for row in seen.rows("audit.invocations") if row["executed_by"] == "mobius-courier")
    return next(row for row in ours if row["status"] == "success")


PLANTED = {
    missing_audit_row: "audit_log_is_the_history",
    audit_row_without_a_result: "audit_log_is_the_history",
    audit_row_with_another_outcome: "audit_log_is_the_history",
    audit_row_without_a_delivery: "audited_deliveries_arrived",
    delivery_that_is_not_in_the_audit_log: "deliveries_are_in_the_audit_log",
    delivery_after_the_last_attempt: "deliveries_are_in_the_audit_log",
    message_that_is_not_in_the_audit_log: "messages_are_in_the_audit_log",
    audited_message_that_slack_never_saw: "messages_are_in_the_audit_log",
    unsigned_delivery: "nothing_was_refused",
    run_shown_as_something_else: "runs_are_shown_as_they_ended",
    run_that_the_table_forgot: "runs_are_shown_as_they_ended",
    run_shown_without_a_history: "runs_are_shown_as_they_ended",
    job_shown_as_something_else: "jobs_are_shown_as_they_ended",
    job_that_is_not_shown: "jobs_are_shown_as_they_ended",
    audit_row_that_is_not_shown: "audit_log_is_shown_as_it_is",
    audit_row_shown_as_something_else: "audit_log_is_shown_as_it_is",
}
