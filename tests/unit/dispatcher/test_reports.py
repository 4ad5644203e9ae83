"""Who may report a job, and what the report becomes."""

from dataclasses import dataclass, replace

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from libs.contracts.events.dispatcher import (
    InvocationCompleted,
    InvocationFailed,
    JobCompleted,
    JobFailed,
    JobReportedLate,
)
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.domain.reports import (
    LEASE_LOST,
    MOST_RESULT_BYTES,
    Decision,
    Failed,
    Report,
    Succeeded,
    decide_report,
    finished,
    is_repeat,
)
from tests.unit.dispatcher.samples import JOB, lease

PARAMETERS: JsonObject = {"n": 1}
DONE = Report("job_1", "default", "t1", 1, Succeeded({"ok": True}))
FAILED = replace(DONE, outcome=Failed("TimeoutError", "too slow"))


@dataclass(frozen=True)
class Violated:
    pointer: str
    message: str


def decided(held: Lease | None, report: Report, *violations: Violated) -> Decision:
    decision = decide_report(held, report, list(violations), PARAMETERS)
    assert isinstance(decision, Decision)
    return decision


def test_the_holder_completes_its_job() -> None:
    payload = decided(lease(), DONE).payload
    assert isinstance(payload, JobCompleted)
    assert payload.result == {"ok": True}
    assert payload.parameters == PARAMETERS
    assert payload.claimed_by == "w1"


def test_the_holder_fails_its_job_with_its_own_words() -> None:
    payload = decided(lease(), FAILED).payload
    assert isinstance(payload, JobFailed)
    assert (payload.error_type, payload.error_message) == ("TimeoutError", "too slow")


@pytest.mark.parametrize(
    ("held", "report"),
    [
        (None, DONE),
        (lease(), replace(DONE, token="t2")),
        (lease(), replace(DONE, attempt=2)),
        (lease(), replace(DONE, project="other")),
    ],
    ids=["nobody holds it", "another session", "another attempt", "another project"],
)
def test_any_other_fence_has_lost_the_lease(held: Lease | None, report: Report) -> None:
    assert decide_report(held, report, [], PARAMETERS) is LEASE_LOST


def test_a_result_that_breaks_the_schema_fails_the_job_and_tells_the_worker_where() -> None:
    decision = decided(lease(), DONE, Violated("/ok", "expected a string, but it is a boolean"))
    assert isinstance(decision.payload, JobFailed)
    assert decision.payload.error_type == "contract_violation"
    assert isinstance(decision.refusal, Rejected)
    assert decision.refusal.field == "result_b64/ok"
    assert decision.refusal.code == "contract_violation"


def test_a_result_over_the_limit_fails_the_job_and_tells_the_worker() -> None:
    decision = decided(lease(), replace(DONE, result_bytes=MOST_RESULT_BYTES + 1))
    assert isinstance(decision.payload, JobFailed)
    assert decision.payload.error_type == "contract_violation"
    assert decision.refusal is not None
    assert decision.refusal.code == "payload_too_large"
    assert decided(lease(), replace(DONE, result_bytes=MOST_RESULT_BYTES)).refusal is None


def test_a_failure_is_not_held_against_the_schema() -> None:
    assert decided(lease(), FAILED, Violated("", "anything")).refusal is None


def test_a_report_after_the_run_ended_is_kept_as_late() -> None:
    payload = decided(lease(cancel_requested=True), DONE).payload
    assert isinstance(payload, JobReportedLate)
    assert payload.status == "completed"


def test_a_server_invocation_has_events_of_its_own() -> None:
    held = lease(replace(JOB, kind="server"))
    assert isinstance(finished(held, Succeeded(1), PARAMETERS), InvocationCompleted)
    assert isinstance(finished(held, Failed("x", "y"), PARAMETERS), InvocationFailed)


def test_retries_add_up_over_leases_and_within_one() -> None:
    payload = finished(lease(replace(JOB, expiries=2)), Succeeded(1), PARAMETERS, retries=3)
    assert isinstance(payload, JobCompleted)
    assert payload.retry_count == 5


def test_only_the_same_report_again_is_a_repeat() -> None:
    last = decided(lease(), DONE).payload
    assert is_repeat(last, DONE)
    assert not is_repeat(last, FAILED)
    assert not is_repeat(last, replace(DONE, token="t2"))
    assert not is_repeat(last, replace(DONE, attempt=2))
