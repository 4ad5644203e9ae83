"""The report desk: completions and failures, many in one statement, each under its fence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from libs.chassis.clock import Clock
from libs.chassis.db.link import PLANNED_ONCE, Link
from libs.chassis.db.queries import load_queries
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.journal.store import load_streams
from libs.chassis.loops.group_commit import GroupCommit
from libs.chassis.loops.queues import Queues
from libs.chassis.outbox.relay import Relay
from libs.contracts.codec import JsonObject, parse_json
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.domain.reports import (
    LEASE_LOST,
    MOST_RESULT_BYTES,
    Decision,
    Report,
    Succeeded,
    Violation,
    decide_report,
    is_repeat,
)
from services.dispatcher.store.claims import Leases
from services.dispatcher.store.rows import lease_of

QUERIES = load_queries(__package__)
SERVICE = "dispatcher"
TRIES = 4
"""Looks at a lease that moves on while it is being reported: its worker may tell its progress at the same time."""

Gate = Callable[[str, str, object], list[Violation]]
"""(project, action, result) → how the result breaks the action's output schema."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """A report together with who sends it."""

    report: Report
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class _Write:
    place: int
    lease: Lease
    late: bool
    entry: Entry


class ReportDesk:
    """Component. `report` answers None when the report was recorded, or why the reporter is refused."""

    def __init__(
        self, postgres_url: str, leases: Leases, relay: Relay, clock: Clock, gate: Gate, queues: Queues
    ) -> None:
        self._link = Link(postgres_url, "dispatcher-reports", settings=PLANNED_ONCE)
        self._leases = leases
        self._relay = relay
        self._clock = clock
        self._gate = gate
        self._group: GroupCommit[Reporting, Rejected | None] = queues.group("reports", self._serve)

    async def start(self) -> None:
        await self._group.start()

    async def stop(self) -> None:
        await self._group.stop()
        await self._link.close()

    def ready(self) -> str | None:
        return self._group.ready()

    async def report(self, reporting: Reporting) -> Rejected | None:
        self._relay.ensure_room()
        return await self._group.submit(reporting)

    async def _serve(self, batch: Sequence[Reporting]) -> Sequence[Rejected | None | Exception]:
        answers: list[Rejected | None | Exception] = [LEASE_LOST] * len(batch)
        open_places = list(range(len(batch)))
        for _ in range(TRIES):
            open_places = await self._attempt(batch, open_places, answers)
            for place in open_places:
                self._leases.forget(batch[place].report.job_id)
        await self._recognise_repeats(batch, open_places, answers)
        return answers

    async def _attempt(
        self, batch: Sequence[Reporting], places: Sequence[int], answers: list[Rejected | None | Exception]
    ) -> list[int]:
        """Decides and writes; answers the places whose lease was not as this process remembered it."""
        leases = await self._find([batch[place].report.job_id for place in places])
        writes: dict[str, _Write] = {}
        lost: list[int] = []
        for place in places:
            lease = leases.get(batch[place].report.job_id)
            decision = self._decide(lease, batch[place].report)
            if isinstance(decision, Rejected) or lease is None or lease.job.job_id in writes:
                lost.append(place)
                continue
            writes[lease.job.job_id] = self._write(place, lease, decision, batch[place])
            answers[place] = decision.refusal
        done = await self._finish(list(writes.values()))
        return lost + [write.place for job_id, write in writes.items() if job_id not in done]

    async def _find(self, job_ids: Sequence[str]) -> dict[str, Lease]:
        found = {job_id: lease for job_id in job_ids if (lease := self._leases.get(job_id)) is not None}
        missing = [job_id for job_id in job_ids if job_id not in found]
        if missing:
            rows = await self._link.rows(QUERIES["read_leases"], missing)
            found.update((row["job_id"], lease_of(row)) for row in rows)
        return found

    def _decide(self, lease: Lease | None, report: Report) -> Decision | Rejected:
        if lease is None:
            return LEASE_LOST
        outcome = report.outcome
        job = lease.job
        violations: list[Violation] = []
        if isinstance(outcome, Succeeded) and report.result_bytes <= MOST_RESULT_BYTES:
            violations = self._gate(job.project, job.action, outcome.result)
        return decide_report(lease, report, violations, _parameters(job.parameters))

    def _write(self, place: int, lease: Lease, decision: Decision, reporting: Reporting) -> _Write:
        job = lease.job
        context = Context(
            service=SERVICE,
            project=job.project,
            now=self._clock.now(),
            actor=reporting.actor or lease.claimed_by,
            correlation=job.run_id,
            traceparent=job.traceparent,
        )
        appended = entry(context, job.job_id, job.sequence + 1, job.run_id, decision.payload)
        return _Write(place, lease, lease.cancel_requested, appended)

    async def _finish(self, writes: Sequence[_Write]) -> set[str]:
        if not writes:
            return set()
        rows = await self._link.rows(
            QUERIES["finish_leases"],
            [write.lease.job.job_id for write in writes],
            [write.lease.token for write in writes],
            [write.lease.job.attempt for write in writes],
            [write.entry.event.sequence for write in writes],
            [write.late for write in writes],
            [write.entry.event.partitionkey for write in writes],
            [write.entry.shard for write in writes],
            [write.entry.raw for write in writes],
        )
        assert reached("reports_recorded")
        done = {row["job_id"] for row in rows}
        self._relay.offer([write.entry for write in writes if write.lease.job.job_id in done])
        for job_id in done:
            self._leases.forget(job_id)
        return done

    async def _recognise_repeats(
        self, batch: Sequence[Reporting], places: Sequence[int], answers: list[Rejected | None | Exception]
    ) -> None:
        """A report whose first answer got lost is answered again; anything else has lost its lease."""
        if not places:
            return
        streams = await load_streams(self._link, [batch[place].report.job_id for place in places])
        for place in places:
            report = batch[place].report
            events = streams[report.job_id]
            repeat = bool(events) and is_repeat(events[-1].data, report)
            answers[place] = None if repeat else LEASE_LOST


def _parameters(raw: bytes) -> JsonObject:
    parameters = parse_json(raw)
    assert isinstance(parameters, dict), "expected parameters to be an object: the engine schedules nothing else"
    return parameters
