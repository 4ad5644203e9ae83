"""Hears the dispatcher: every invocation that ended becomes a row of the action audit log, and what the engine does not
tell of a job (who took it, who fell silent, who came too late) goes into the history of its run."""

from libs.chassis.bus.batch import Heard
from libs.contracts.events.dispatcher import JobClaimed, JobClosed, JobLeaseExpired, JobReportedLate
from services.audit.domain.attempts import claimed, lease_expired
from services.audit.domain.invocations import invocation_from
from services.audit.domain.projection import Projection


def hear_dispatcher(item: Heard, into: Projection, summary_bytes: int) -> None:
    """Adds what an event of `mobius.dispatcher-events.v1` says."""
    event, said = item.event, item.event.data
    match said:
        case JobClaimed():
            into.attempt(claimed(said, event.time))
        case JobLeaseExpired():
            into.attempt(lease_expired(said, event.time))
    if isinstance(said, JobClaimed | JobLeaseExpired | JobReportedLate | JobClosed):
        into.tell(said.run_id, event, item.record.value or b"", said.path, said.step)
    invocation = invocation_from(event, summary_bytes)
    if invocation is not None:
        into.called(invocation)
