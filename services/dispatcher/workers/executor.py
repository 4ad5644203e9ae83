"""What the courier and the invoker have in common: take jobs from lanes, keep their leases, carry them out, report."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from libs.chassis.db.errors import Unavailable
from libs.chassis.ids import new_id
from libs.chassis.loops.ticker import Ticker
from libs.contracts.codec import dump_json
from services.dispatcher.delivery.errand import Done, Errands
from services.dispatcher.delivery.verdict import Failure, Success
from services.dispatcher.domain.jobs import Kind, Lease
from services.dispatcher.domain.reports import Failed, Report, Succeeded, session_proof
from services.dispatcher.store.claims import Claim, ClaimDesk
from services.dispatcher.store.heartbeats import Heartbeat, HeartbeatDesk
from services.dispatcher.store.lanes import Lane, Wanted
from services.dispatcher.store.reports import ReportDesk, Reporting

FLOOR = timedelta(seconds=1)
MOST_AT_ONCE = 32
"""Jobs that one claim of ours asks for."""

log = structlog.get_logger(__name__)


class Executor:
    """Component. A loop over the lanes that have jobs; `eligible` decides at each look whether a lane is ours."""

    def __init__(
        self,
        name: str,
        kind: Kind,
        desks: tuple[ClaimDesk, HeartbeatDesk, ReportDesk],
        errands: Errands,
        *,
        eligible: Callable[[Lane], bool],
        lease_for: timedelta,
        most_at_once: int,
    ) -> None:
        self._name = name
        self._kind = kind
        self._claims, self._heartbeats, self._reports = desks
        self._errands = errands
        self._eligible = eligible
        self._lease_for = lease_for
        self._free = asyncio.Semaphore(most_at_once)
        self._most_at_once = most_at_once
        self._token = session_proof(new_id("exec"))
        self._lanes: dict[Lane, None] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[list[Lease]]] = set()
        self._loop = Ticker(name, self.step, FLOOR)

    async def start(self) -> None:
        await self._loop.start()

    async def stop(self) -> None:
        """Takes nothing more, gives back what nobody will carry out, and waits for what is being carried out."""
        await self._loop.stop()
        for leases in await asyncio.gather(*self._asking, return_exceptions=True):
            if not isinstance(leases, BaseException):
                await self._claims.release(leases)
        await asyncio.gather(*self._running, return_exceptions=True)

    def ready(self) -> str | None:
        return self._loop.ready()

    def notice(self, lane: Lane) -> None:
        """A job waits there."""
        if lane.kind == self._kind:
            self._lanes[lane] = None
            self._loop.wake()

    async def step(self) -> bool:
        """Takes what fits into the free places; answers whether a lane may have more."""
        lanes, self._lanes = self._lanes, {}
        more = False
        for lane in lanes:
            if self._eligible(lane):
                more = await self._take(lane) or more
        return more

    async def _take(self, lane: Lane) -> bool:
        places = min(MOST_AT_ONCE, max(1, self._most_at_once - len(self._running)))
        for _ in range(places):
            await self._free.acquire()
        leases: list[Lease] = []
        try:
            leases = await self._ask(lane, places)
        finally:
            for _ in range(places - len(leases)):
                self._free.release()
        for lease in leases:
            self._begin(lease)
        if len(leases) == places:
            self._lanes[lane] = None
            return True
        return False

    async def _ask(self, lane: Lane, places: int) -> list[Lease]:
        """A claim that is under way when the loop is stopped may still get leases: it goes on, for `stop` to see."""
        wanted = Wanted(lane.project, self._kind, actions=(lane.action,), queues=(lane.queue,))
        claim = Claim(wanted, self._token, self._name, self._lease_for, places)
        asking = asyncio.create_task(self._claims.claim(claim))
        self._asking.add(asking)
        try:
            leases = await asyncio.shield(asking)
        except Exception:
            self._asking.discard(asking)
            raise
        self._asking.discard(asking)
        return leases

    def _begin(self, lease: Lease) -> None:
        task = asyncio.create_task(self._carry_out(lease), name=f"{self._name} {lease.job.job_id}")
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self._free.release()
        if not task.cancelled() and task.exception() is not None:
            log.error("errand_crashed", executor=self._name, error=repr(task.exception()))

    async def _carry_out(self, lease: Lease) -> None:
        """The lease is kept until the report is recorded: where reports have to wait, nobody else begins anew."""
        errand = asyncio.create_task(self._errands.run(lease.job))
        keeper = asyncio.create_task(self._keep(lease, errand))
        try:
            await self._report(lease, await self._done(lease, errand))
        except asyncio.CancelledError:
            return
        finally:
            keeper.cancel()

    async def _done(self, lease: Lease, errand: "asyncio.Task[Done]") -> Done:
        try:
            return await errand
        except Exception as error:
            log.exception("errand_failed", executor=self._name, job=lease.job.job_id)
            return Done(_broken(error), 0)

    async def _keep(self, lease: Lease, errand: "asyncio.Task[Done]") -> None:
        """Extends the lease until the errand ends; a lost lease or a finished run ends the errand."""
        beat = Heartbeat(lease.job.job_id, lease.job.project, lease.token, lease.job.attempt, self._lease_for)
        while True:
            await asyncio.sleep(self._lease_for.total_seconds() / 3)
            try:
                should_cancel = await self._heartbeats.beat(beat)
            except Unavailable as error:
                log.warning("executor_waits", executor=self._name, error=str(error))
                continue
            if should_cancel:
                errand.cancel()
                return

    async def _report(self, lease: Lease, done: Done) -> None:
        verdict = done.verdict
        outcome: Succeeded | Failed
        size = 0
        if isinstance(verdict, Success):
            outcome, size = Succeeded(verdict.result), len(dump_json(verdict.result))
        else:
            outcome = Failed(verdict.error_type, verdict.sentence, verdict.details)
        job = lease.job
        report = Report(job.job_id, job.project, lease.token, job.attempt, outcome, done.retries, size)
        while True:
            try:
                refusal = await self._reports.report(Reporting(report))
            except Unavailable as error:
                log.warning("executor_waits", executor=self._name, error=str(error))
                await asyncio.sleep(0.5)
                continue
            if refusal is not None:
                log.warning("report_refused", executor=self._name, job=job.job_id, why=refusal.sentence)
            return


def _broken(error: Exception) -> Failure:
    """A bug of ours met this errand: the workflow learns that it failed, the log has the rest."""
    sentence = f"expected to carry out the action, but the dispatcher failed at it ({type(error).__name__})"
    return Failure("fatal_error", sentence, retryable=False, certain=False)
