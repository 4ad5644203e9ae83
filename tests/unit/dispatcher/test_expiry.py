"""What becomes of a lease whose holder went silent."""

from dataclasses import replace

from libs.contracts.codec import JsonObject
from libs.contracts.events.dispatcher import JobFailed, JobLeaseExpired
from libs.contracts.payload import Payload
from services.dispatcher.domain.expiry import decide_expiry
from services.dispatcher.domain.jobs import COURIER, Job, Lease
from tests.unit.dispatcher.samples import JOB, lease

PARAMETERS: JsonObject = {"n": 1}


def decide(held: Lease, *, retry_safe: bool = False) -> tuple[list[Payload], Job | None]:
    return decide_expiry(held, PARAMETERS, retry_safe=retry_safe, most_expiries=3)


def test_a_workers_job_is_claimable_again_with_a_higher_attempt() -> None:
    payloads, again = decide(lease())
    assert [type(payload) for payload in payloads] == [JobLeaseExpired]
    assert again == replace(JOB, attempt=2, expiries=1, sequence=1)


def test_the_third_expiry_fails_the_job_with_timeout() -> None:
    payloads, again = decide(lease(replace(JOB, attempt=3, expiries=2)))
    assert again is None
    failed = payloads[-1]
    assert isinstance(failed, JobFailed)
    assert failed.error_type == "timeout"


def test_an_interrupted_delivery_is_repeated_only_where_that_is_safe() -> None:
    held = lease(claimed_by=COURIER)
    _, again = decide(held, retry_safe=True)
    assert again is not None
    payloads, again = decide(held, retry_safe=False)
    assert again is None
    failed = payloads[-1]
    assert isinstance(failed, JobFailed)
    assert failed.error_type == "outcome_unknown"


def test_a_job_of_an_ended_run_just_goes() -> None:
    assert decide(lease(cancel_requested=True)) == ([], None)
