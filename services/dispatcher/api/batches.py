"""Heartbeats and reports of many jobs in one request. Each job has an outcome of its own, as if it had come alone."""

import asyncio
from dataclasses import replace

from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Json
from libs.chassis.http.errors import error_of
from services.dispatcher.api.lease_terms import LeaseTerms
from services.dispatcher.api.models import EndingsBody, HeartbeatsBody, JobEnding
from services.dispatcher.api.reports import report_of
from services.dispatcher.domain.reports import Report
from services.dispatcher.store.heartbeats import Heartbeat, HeartbeatDesk
from services.dispatcher.store.reports import ReportDesk, Reporting
from services.dispatcher.store.sessions import SessionBook


class Batches:
    """The handlers of `heartbeatJobs` and `completeJobs`.

    When the database is away the whole request fails, although some of it may be recorded: repeating it does no harm.
    """

    def __init__(
        self, reports: ReportDesk, heartbeats: HeartbeatDesk, sessions: SessionBook, terms: LeaseTerms
    ) -> None:
        self._reports = reports
        self._heartbeats = heartbeats
        self._sessions = sessions
        self._terms = terms

    async def heartbeat(self, call: Call[HeartbeatsBody, None]) -> Answer:
        body, token = call.body, call.body.worker_session_token
        if body.worker_instance_id is not None:
            self._sessions.beat(call.project, body.worker_instance_id)
        lease_for = self._terms.lease_for(call.project)
        beats = [Heartbeat(job.job_id, call.project, token, job.attempt, lease_for) for job in body.jobs]
        answers = await asyncio.gather(*(self._heartbeats.beat(beat) for beat in beats))
        return Json(200, {"jobs": [_kept(beat.job_id, answer) for beat, answer in zip(beats, answers, strict=True)]})

    async def complete(self, call: Call[EndingsBody, None]) -> Answer:
        results, token = call.body.results, call.body.worker_session_token
        reports = [report_of(call.project, job.job_id, token, job.attempt, job) for job in results]
        refusals = await asyncio.gather(*(self._record(report, call.principal.key_id) for report in reports))
        outcomes = [_recorded(place, job, refusals[place]) for place, job in enumerate(results)]
        return Json(200, {"results": outcomes})

    async def _record(self, report: Report | Rejected, actor: str) -> Rejected | None:
        if isinstance(report, Rejected):
            return report
        return await self._reports.report(Reporting(report, actor=actor))


def _kept(job_id: str, answer: bool | Rejected) -> dict[str, object]:
    if isinstance(answer, Rejected):
        return {"job_id": job_id, "ok": False, "error": error_of(answer)}
    return {"job_id": job_id, "ok": True, "directives": {"should_cancel": answer}}


def _recorded(place: int, job: JobEnding, refusal: Rejected | None) -> dict[str, object]:
    if refusal is None:
        return {"job_id": job.job_id, "ok": True}
    field = refusal.field
    if field is not None and field.partition("/")[0] in JobEnding.model_fields:
        refusal = replace(refusal, field=f"results[{place}].{field}")
    return {"job_id": job.job_id, "ok": False, "error": error_of(refusal)}
