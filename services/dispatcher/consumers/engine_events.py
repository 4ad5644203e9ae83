"""Hears the engine: scheduled steps become claimable, and what a finished run left open is closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from libs.chassis.bus.batch import Effects, Heard
from libs.chassis.clock import Clock
from libs.chassis.db.statement import Part
from libs.chassis.journal.entry import Context, Entry, entry
from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunFailed, StepScheduled
from libs.contracts.payload import Payload
from services.dispatcher.domain.jobs import Job
from services.dispatcher.domain.schedule import OpenJob, close, job_from
from services.dispatcher.store.claims import Leases
from services.dispatcher.store.hand_over import HandOver
from services.dispatcher.store.queue import Queue

SERVICE = "dispatcher"


@dataclass(slots=True)
class _Batch:
    """What one batch of events asks for."""

    arrived: dict[str, Job] = field(default_factory=dict)
    closed: dict[str, Event[Payload]] = field(default_factory=dict)


class EngineEvents:
    """The handler of `mobius.engine-events.v1`. `arrived` is told what lies in the queue once it is committed."""

    def __init__(
        self,
        queue: Queue,
        leases: Leases,
        hand_over: HandOver,
        clock: Clock,
        arrived: Callable[[Sequence[Job]], None],
    ) -> None:
        self._queue = queue
        self._hand_over = hand_over
        self._leases = leases
        self._clock = clock
        self._arrived = arrived

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        batch = _Batch()
        for item in heard:
            _sort(batch, item.event)
        entries, parts = await self._close(batch)
        deal = self._hand_over.deal(list(batch.arrived.values()))
        if deal.queued:
            parts.append(self._queue.insert_part(deal.queued))

        def committed() -> None:
            deal.committed()
            self._arrived(deal.queued)

        return Effects(parts=[*parts, *deal.parts()], entries=entries, committed=committed, conflicted=deal.conflicted)

    async def _close(self, batch: _Batch) -> tuple[list[Entry], list[Part]]:
        if not batch.closed:
            return [], []
        stored = await self._queue.read_open(list(batch.closed))
        unborn = await self._unborn(batch, stored)
        entries = [
            self._entry(batch.closed[job.job_id], job, payload)
            for job, payload in close([*unborn, *stored], "the run ended")
        ]
        for open_job in stored:
            self._leases.forget(open_job.job.job_id)
        return entries, self._queue.close_parts([job for job in stored if not job.cancel_requested])

    async def _unborn(self, batch: _Batch, stored: Sequence[OpenJob]) -> list[OpenJob]:
        """Jobs that were scheduled and closed within the batch. Records may repeat: one that is stored, or has a
        history, was heard before and is none of them."""
        ended = {job_id: batch.arrived.pop(job_id) for job_id in batch.closed if job_id in batch.arrived}
        if not ended:
            return []
        known = {open_job.job.job_id for open_job in stored} | await self._queue.find_begun(list(ended))
        return [OpenJob(job, held=False) for job_id, job in ended.items() if job_id not in known]

    def _entry(self, cause: Event[Payload], job: Job, payload: Payload) -> Entry:
        context = Context(
            service=SERVICE,
            project=job.project,
            now=self._clock.now(),
            actor=cause.actor,
            causation=cause.id,
            correlation=job.run_id,
            traceparent=cause.traceparent,
        )
        return entry(context, job.job_id, job.sequence + 1, job.run_id, payload)


def _sort(batch: _Batch, event: Event[Payload]) -> None:
    if isinstance(event.data, StepScheduled):
        if event.data.simulated:
            return
        batch.arrived[event.data.invocation_id] = job_from(event, event.data)
    elif isinstance(event.data, RunFailed):
        for job_id in event.data.closed:
            batch.closed[job_id] = event
