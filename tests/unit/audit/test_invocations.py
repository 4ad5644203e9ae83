"""Which events become rows of the action audit log."""

from datetime import timedelta

from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from services.audit.domain.invocations import invocation_from
from services.dispatcher.domain.jobs import COURIER
from services.dispatcher.domain.schedule import Holder, OpenJob, close
from tests.doubles.clock import NOON
from tests.unit.dispatcher.samples import JOB

SUMMARY_BYTES = 4096


def closed(holder: Holder | None) -> Event[Payload]:
    [(job, payload)] = close([OpenJob(JOB, held=holder is not None, holder=holder)], "the run ended")
    return Event(
        source="/mobius/dispatcher",
        subject=job.job_id,
        sequence=1,
        partitionkey=job.run_id,
        project="default",
        time=NOON,
        data=payload,
    )


def test_a_job_that_its_run_closed_while_somebody_had_it_is_in_the_log() -> None:
    row = invocation_from(closed(Holder(COURIER, NOON - timedelta(seconds=2))), SUMMARY_BYTES)
    assert row is not None
    assert (row.id, row.status, row.executed_by, row.error_type) == (JOB.job_id, "failed", COURIER, "run_failed")
    assert (row.parameters, row.started_at, row.finished_at) == (JOB.parameters, NOON - timedelta(seconds=2), NOON)


def test_a_job_that_nobody_was_given_is_not_in_the_log() -> None:
    assert invocation_from(closed(None), SUMMARY_BYTES) is None
