"""What the holder of a lease reports, and what the report becomes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.dispatcher import (
    InvocationCompleted,
    InvocationFailed,
    JobCompleted,
    JobFailed,
    JobReportedLate,
)
from libs.contracts.payload import Payload
from services.dispatcher.domain.jobs import Lease, of_invocation


@dataclass(frozen=True, slots=True)
class Succeeded:
    result: Json


@dataclass(frozen=True, slots=True)
class Failed:
    error_type: str
    error_message: str
    details: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`token` (its proof) and `attempt` are the fence from the claim. `retries` counts repeats within this lease."""

    job_id: str
    project: str
    token: str
    attempt: int
    outcome: Succeeded | Failed
    retries: int = 0
    result_bytes: int = 0
    """Length of the result as it came."""


class Violation(Protocol):
    """One way in which a value breaks its schema."""

    @property
    def pointer(self) -> str: ...
    @property
    def message(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """`payload` is appended; `refusal` is what the reporter is told although it was (a broken contract)."""

    payload: Payload
    refusal: Rejected | None = None


MOST_RESULT_BYTES = 262_144

LEASE_LOST = Rejected(
    "invalid_state",
    "expected the worker that holds the lease, but the lease was lost: it expired, or another attempt holds the job",
    field="worker_session_token",
    code="lease_lost",
)


def session_proof(token: str) -> str:
    """What stands for a session token everywhere behind the door: in leases, in sessions, in events. Whoever reads it
    cannot speak for the worker."""
    return hashlib.sha256(token.encode()).hexdigest()


def decide_report(
    lease: Lease | None, report: Report, violations: list[Violation], parameters: JsonObject
) -> Decision | Rejected:
    """A report under the right fence finishes the job; a result that breaks the output schema fails it."""
    if lease is None or lease.job.project != report.project:
        return LEASE_LOST
    if lease.token != report.token or lease.job.attempt != report.attempt:
        return LEASE_LOST
    if lease.cancel_requested:
        status: Literal["completed", "failed"] = "completed" if isinstance(report.outcome, Succeeded) else "failed"
        return Decision(JobReportedLate(**of_invocation(lease.job), claimed_by=lease.claimed_by, status=status))
    if report.result_bytes > MOST_RESULT_BYTES:
        return _too_large(lease, report, parameters)
    if isinstance(report.outcome, Succeeded) and violations:
        return _contract_violation(lease, report, violations, parameters)
    return Decision(finished(lease, report.outcome, parameters, report.retries))


def _too_large(lease: Lease, report: Report, parameters: JsonObject) -> Decision:
    sentence = f"expected a result of at most {MOST_RESULT_BYTES} bytes, but it has {report.result_bytes}"
    details: dict[str, Json] = {"gate": "result", "limit_bytes": MOST_RESULT_BYTES, "bytes": report.result_bytes}
    payload = finished(lease, Failed("contract_violation", sentence, details), parameters, report.retries)
    refusal = Rejected("invalid_argument", sentence, "result_b64", "payload_too_large", details)
    return Decision(payload, refusal)


def _contract_violation(lease: Lease, report: Report, violations: list[Violation], parameters: JsonObject) -> Decision:
    first = violations[0]
    sentence = f"expected a result that the output schema of {lease.job.action} allows, but {first.message}"
    listed: list[Json] = [{"pointer": found.pointer, "message": found.message} for found in violations]
    details: dict[str, Json] = {"gate": "result", "pointer": first.pointer, "violations": listed}
    payload = finished(lease, Failed("contract_violation", sentence, details), parameters, report.retries)
    field = "result_b64" + first.pointer
    refusal = Rejected("invalid_argument", sentence, field=field, code="contract_violation", details=details)
    return Decision(payload, refusal)


def finished(lease: Lease, outcome: Succeeded | Failed, parameters: JsonObject, retries: int = 0) -> Payload:
    """The terminal event of an invocation. `retries` were made within this one lease."""
    job = lease.job
    fields = {
        **of_invocation(job),
        "kind": job.kind,
        "parameters": parameters,
        "claimed_by": lease.claimed_by,
        "scheduled_at": job.scheduled_at,
        "claimed_at": lease.claimed_at,
        "retry_count": job.expiries + retries,
        "worker_session_sha256": lease.token,
    }
    if isinstance(outcome, Succeeded):
        kind = JobCompleted if job.kind == "worker" else InvocationCompleted
        return kind.model_validate({**fields, "result": outcome.result})
    failed = JobFailed if job.kind == "worker" else InvocationFailed
    errors = {"error_type": outcome.error_type, "error_message": outcome.error_message, "details": outcome.details}
    return failed.model_validate({**fields, **errors})


def is_repeat(last: Payload, report: Report) -> bool:
    """Whether the job's last event is this very report, so that asking again is answered the same."""
    if not isinstance(last, JobCompleted | JobFailed | InvocationCompleted | InvocationFailed):
        return False
    same_fence = last.worker_session_sha256 == report.token and last.attempt == report.attempt
    completed = isinstance(last, JobCompleted | InvocationCompleted)
    return same_fence and completed == isinstance(report.outcome, Succeeded)
