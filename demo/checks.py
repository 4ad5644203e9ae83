"""Compares the three sides: what the audit log says, what the receiver saw, what Slack got.

Two things may happen around a kill of the dispatcher, and are an error only when nothing was killed. A delivery comes
again, because its answer was not recorded: the action is registered as idempotent, and the receiver answers from
memory, so what is compared is how often each document was *summarised*. And a message to Slack is under way, which may
have arrived or not: Slack's action promises nothing, so Mobius does not repeat it and records `outcome_unknown`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from demo.answers import AuditEntry
from demo.report import Check, Evidence, Takeover, same
from demo.summarize_action import ACTION_NAME

SLACK_ACTION = "slack.post-message"
SUCCESS = "success"
OUTCOME_UNKNOWN = "outcome_unknown"


def check_evidence(evidence: Evidence, killed: str | None) -> tuple[Check, ...]:
    """Every check on the documents, in the order in which it is told."""
    documents = Counter(evidence.documents)
    summarised = Counter(d.doc_id for d in evidence.deliveries if d.status == 200 and not d.repeated)
    audited = Counter(text_of(entry, "doc_id") for entry in successes(evidence.audit, ACTION_NAME))
    return (
        _all_completed(evidence, killed),
        same(f"The audit log lists one {ACTION_NAME} per document ({audited.total()})", documents, audited),
        same(f"The receiver summarised exactly what the audit log lists ({summarised.total()})", audited, summarised),
        _all_verified(evidence),
        _repeats(evidence, killed),
        *_check_messages(evidence, killed),
        _filters(evidence),
    )


def _check_messages(evidence: Evidence, killed: str | None) -> tuple[Check, ...]:
    wanted = Counter(map(message_for, evidence.documents))
    posted = Counter(message.text for message in evidence.messages)
    notified = Counter(text_of(entry, "text") for entry in successes(evidence.audit, SLACK_ACTION))
    unknown = _outcome_unknown(evidence, killed)
    arrived = (posted - notified) & unknown
    checks = (
        same(f"Slack got exactly the messages that the audit log lists ({posted.total()})", notified + arrived, posted),
        same("Slack got one message per document", wanted - unknown, posted - unknown),
    )
    if not unknown:
        return checks
    told = f"of {unknown.total()} messages under way at the kill, whose outcome Mobius calls unknown, {arrived.total()}"
    return (*checks, Check(f"Not repeated: {told} had arrived"))


def check_takeover(takeover: Takeover) -> tuple[Check, ...]:
    """The SDK worker did the job, and the endpoint was not called for it."""
    run = takeover.document.run
    claimed = f"expected {takeover.worker_id}, but the job was claimed by {', '.join(takeover.claimed_by) or 'nobody'}"
    called = f"expected no delivery, but the endpoint saw {len(takeover.deliveries_during)}"
    audited = successes(takeover.audit, ACTION_NAME)
    return (
        Check("The run of the SDK worker completed", "" if run.status == "completed" else _why(run.error_message)),
        Check("The SDK worker claimed the job", "" if takeover.claimed_by == (takeover.worker_id,) else claimed),
        Check("The SDK worker did the job", "" if len(takeover.jobs_of_worker) == 1 else _jobs(takeover)),
        Check("The endpoint was not called for it", called if takeover.deliveries_during else ""),
        Check("The audit log lists it all the same", "" if len(audited) == 1 else f"{len(audited)} entries"),
    )


def successes(audit: Iterable[AuditEntry], action: str) -> list[AuditEntry]:
    return [entry for entry in audit if entry.action_name == action and entry.status == SUCCESS]


def text_of(entry: AuditEntry, parameter: str) -> str:
    """A parameter of the invocation as text, "" when it has none."""
    return str(entry.parameters.get(parameter, ""))


def message_for(doc_id: str) -> str:
    """What the workflow posts when a document is done."""
    return f"Summary complete for {doc_id}"


def _outcome_unknown(evidence: Evidence, killed: str | None) -> Counter[str]:
    """The texts of messages that were under way when a service was killed."""
    if killed is None:
        return Counter()
    lost = (e for e in evidence.audit if e.action_name == SLACK_ACTION and e.error_type == OUTCOME_UNKNOWN)
    return Counter(text_of(entry, "text") for entry in lost)


def _all_completed(evidence: Evidence, killed: str | None) -> Check:
    unknown = _outcome_unknown(evidence, killed)
    open_runs = [one for one in evidence.runs if one.run.status != "completed" and not unknown[message_for(one.doc_id)]]
    stuck = [f"{one.doc_id}: {_why(one.run.error_message)}" for one in open_runs]
    missing = sorted(set(evidence.documents) - {one.doc_id for one in evidence.runs})
    count = sum(1 for one in evidence.runs if one.run.status == "completed")
    interrupted = f", or one that the kill interrupted ({unknown.total()})" if unknown else ""
    return Check(f"Every document has a completed run ({count}){interrupted}", "; ".join(stuck + missing))


def _all_verified(evidence: Evidence) -> Check:
    wrong = [d.delivery_id or "?" for d in evidence.deliveries if not d.verified]
    return Check("Both libraries verified the signature of every delivery", ", ".join(wrong))


def _repeats(evidence: Evidence, killed: str | None) -> Check:
    repeated = [f"{d.doc_id} (attempt {d.attempt})" for d in evidence.deliveries if d.repeated]
    if killed is None:
        return Check("No delivery came twice", ", ".join(repeated))
    told = f": {', '.join(repeated)}" if repeated else ""
    return Check(f"Deliveries that came twice around the kill were answered from memory ({len(repeated)}){told}")


def _filters(evidence: Evidence) -> Check:
    """The log, asked for one run or for one action, answers with exactly those of all entries."""
    first = evidence.runs[0].run.id
    of_run = Counter(entry.id for entry in evidence.audit if entry.run_id == first)
    of_action = Counter(entry.id for entry in evidence.audit if entry.action_name == ACTION_NAME)
    answered = Counter(entry.id for entry in evidence.audit_of_first_run + evidence.audit_of_action)
    return same(
        "The filters run_id and action_name of the audit log find what they should", of_run + of_action, answered
    )


def _jobs(takeover: Takeover) -> str:
    return f"expected one job, but it was given {len(takeover.jobs_of_worker)}"


def _why(message: str | None) -> str:
    return message or "it is not completed, and no error is known"
