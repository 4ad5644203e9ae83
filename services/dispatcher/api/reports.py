"""What the holder of a lease tells: that it is alive, how far it is, and how it ended."""

from collections.abc import Sequence

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.http import Answer, Call, Empty, Json
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.codec import dump_json
from libs.contracts.events.dispatcher import JobProgressed
from services.dispatcher.api.lease_terms import LeaseTerms
from services.dispatcher.api.models import (
    BadResult,
    CompleteBody,
    Ending,
    FenceBody,
    ProgressBody,
    ProgressEntry,
    decode_result,
)
from services.dispatcher.domain.jobs import Lease, of_invocation
from services.dispatcher.domain.reports import LEASE_LOST, Failed, Report, Succeeded
from services.dispatcher.store.claims import Leases
from services.dispatcher.store.heartbeats import Heartbeat, HeartbeatDesk
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.reports import ReportDesk, Reporting
from services.dispatcher.store.sessions import SessionBook
from services.dispatcher.store.writer import Writer

SERVICE = "dispatcher"
MOST_PROGRESS_BYTES = 16 * 1024
PROGRESS_TRIES = 3


class Reports:
    """The handlers of `heartbeatJob` and `completeJob`."""

    def __init__(
        self, reports: ReportDesk, heartbeats: HeartbeatDesk, sessions: SessionBook, terms: LeaseTerms
    ) -> None:
        self._reports = reports
        self._heartbeats = heartbeats
        self._sessions = sessions
        self._terms = terms

    async def heartbeat(self, call: Call[FenceBody, None]) -> Answer:
        body = call.body
        if body.worker_instance_id is not None:
            self._sessions.beat(call.project, body.worker_instance_id)
        lease_for = self._terms.lease_for(call.project)
        beat = Heartbeat(call.params["id"], call.project, body.worker_session_token, body.attempt, lease_for)
        should_cancel = await self._heartbeats.beat(beat)
        if isinstance(should_cancel, Rejected):
            return should_cancel
        return Json(200, {"ok": True, "directives": {"should_cancel": should_cancel}})

    async def complete(self, call: Call[CompleteBody, None]) -> Answer:
        body = call.body
        report = report_of(call.project, call.params["id"], body.worker_session_token, body.attempt, body)
        if isinstance(report, Rejected):
            return report
        refusal = await self._reports.report(Reporting(report, actor=call.principal.key_id))
        return refusal if refusal is not None else Empty(204)


class Progress:
    """The handler of `emitJobEvents`: all events of a call are kept, or none."""

    def __init__(self, queue: Queue, writer: Writer, leases: Leases, clock: Clock) -> None:
        self._queue = queue
        self._writer = writer
        self._leases = leases
        self._clock = clock

    async def emit(self, call: Call[ProgressBody, None]) -> Answer:
        too_large = _too_large(call.body.events)
        if too_large is not None:
            return too_large
        for _ in range(PROGRESS_TRIES):
            lease = await self._held(call)
            if lease is None:
                return LEASE_LOST
            advance = self._queue.advance_part([lease], [len(call.body.events)], announce=lease.announced)
            written = await self._writer.write([advance], self._entries(call, lease))
            assert reached("progress_recorded")
            self._leases.forget(lease.job.job_id)
            if written:
                return Empty(204)
        return LEASE_LOST

    async def _held(self, call: Call[ProgressBody, None]) -> Lease | None:
        found = await self._queue.read_leases([call.params["id"]])
        if not found or found[0].job.project != call.project or found[0].cancel_requested:
            return None
        same = found[0].token == call.body.worker_session_token and found[0].job.attempt == call.body.attempt
        return found[0] if same else None

    def _entries(self, call: Call[ProgressBody, None], lease: Lease) -> list[Entry]:
        job = lease.job
        context = Context(
            service=SERVICE,
            project=job.project,
            now=self._clock.now(),
            actor=call.principal.key_id,
            correlation=job.run_id,
            traceparent=job.traceparent,
        )
        told = [JobProgressed(**of_invocation(job), name=item.type, payload=item.payload) for item in call.body.events]
        return entries(context, job.job_id, job.sequence, job.run_id, told)


def report_of(project: str, job_id: str, token: str, attempt: int, ending: Ending) -> Report | Rejected:
    """The report that a worker made, or what is wrong with its result."""
    if ending.status == "failed":
        failed = Failed(ending.error_type or "Error", ending.error_message or "the worker gave no reason")
        return Report(job_id, project, token, attempt, failed)
    try:
        result, size = decode_result(ending.result_b64)
    except BadResult as error:
        return Rejected("invalid_argument", str(error), field="result_b64")
    return Report(job_id, project, token, attempt, Succeeded(result), result_bytes=size)


def _too_large(events: Sequence[ProgressEntry]) -> Rejected | None:
    for place, item in enumerate(events):
        size = len(dump_json(item.payload))
        if size > MOST_PROGRESS_BYTES:
            sentence = f"expected a payload of at most {MOST_PROGRESS_BYTES} bytes, but it has {size}"
            field = f"events[{place}].payload"
            return Rejected("invalid_argument", sentence, field=field, code="payload_too_large")
    return None
