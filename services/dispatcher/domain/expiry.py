"""What becomes of a lease whose holder went silent."""

from dataclasses import replace

from libs.contracts.codec import JsonObject
from libs.contracts.events.dispatcher import JobLeaseExpired
from libs.contracts.payload import Payload
from services.dispatcher.domain.jobs import COURIER, INVOKER, Job, Lease, of_invocation
from services.dispatcher.domain.reports import Failed, finished


def decide_expiry(
    lease: Lease, parameters: JsonObject, *, retry_safe: bool, most_expiries: int
) -> tuple[list[Payload], Job | None]:
    """The events, and the job that is claimable again.

    An external worker's job is given to the next one, `most_expiries` times in all. A delivery of ours that died may
    have been sent: it is repeated only where the action is safe to repeat, else its outcome is unknown.
    """
    job = lease.job
    if lease.cancel_requested:
        return [], None
    expired = JobLeaseExpired(**of_invocation(job), claimed_by=lease.claimed_by, claimed_at=lease.claimed_at)
    if lease.claimed_by in (COURIER, INVOKER) and not retry_safe:
        sentence = f"expected an answer from {job.action}, but the delivery was interrupted and may have arrived"
        return [expired, finished(lease, Failed("outcome_unknown", sentence), parameters)], None
    if job.expiries + 1 >= most_expiries:
        sentence = f"expected a heartbeat of {lease.claimed_by}, but the lease expired {most_expiries} times"
        return [expired, finished(lease, Failed("timeout", sentence), parameters)], None
    again = replace(job, attempt=job.attempt + 1, expiries=job.expiries + 1, sequence=job.sequence + 1)
    return [expired], again
