"""Claiming jobs: a long poll that holds no database connection while it waits."""

from datetime import timedelta
from time import monotonic

from libs.chassis.http import Answer, Call, Empty, Json
from libs.contracts.codec import raw_json
from services.dispatcher.api.models import ClaimBody
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.store.claims import Claim, ClaimDesk, Wanted
from services.dispatcher.store.sessions import Introduction, SessionBook
from services.dispatcher.store.waiters import Waiters


class Claims:
    """The handler of `claimJob`."""

    def __init__(
        self, desk: ClaimDesk, waiters: Waiters, sessions: SessionBook, lease_for: timedelta, heartbeat: timedelta
    ) -> None:
        self._desk = desk
        self._waiters = waiters
        self._sessions = sessions
        self._lease_for = lease_for
        self._heartbeat_seconds = int(heartbeat.total_seconds())

    async def claim(self, call: Call[ClaimBody, None]) -> Answer:
        body = call.body
        refusal = await self._sessions.meet(_introduction(call))
        if refusal is not None:
            return refusal
        wanted = Wanted(call.project, actions=tuple(sorted(body.actions)), queues=tuple(sorted(body.queues)))
        claim = Claim(wanted, body.worker_session_token, body.worker_instance_id, self._lease_for)
        key = (call.project, body.worker_instance_id)
        self._sessions.park(key)
        try:
            lease = await self._wait_for(claim, call, monotonic() + body.wait_seconds)
        finally:
            self._sessions.unpark(key)
        if lease is None:
            return Empty(204)
        if call.gone.is_set():
            await self._give_back(lease)
            return Empty(204)
        return self._answer(lease)

    async def _wait_for(self, claim: Claim, call: Call[ClaimBody, None], deadline: float) -> Lease | None:
        with self._waiters.parked(claim.wanted) as waiter:
            while True:
                waiter.woken.clear()
                lease = await self._desk.claim(claim)
                if lease is not None or not await call.until(waiter.woken, deadline - monotonic()):
                    return lease

    async def _give_back(self, lease: Lease) -> None:
        self._waiters.wake(await self._desk.release(lease), 1)

    def _answer(self, lease: Lease) -> Json:
        job = lease.job
        return Json(
            200,
            {
                "job_id": job.job_id,
                "run_id": job.run_id,
                "workflow_name": job.workflow_name,
                "step_name": job.step,
                "action": job.action,
                "parameters": raw_json(job.parameters),
                "attempt": job.attempt,
                "queue": job.queue,
                "heartbeat_interval_seconds": self._heartbeat_seconds,
            },
        )


def _introduction(call: Call[ClaimBody, None]) -> Introduction:
    body = call.body
    return Introduction(
        project=call.project,
        worker_instance_id=body.worker_instance_id,
        token=body.worker_session_token,
        concurrency_limit=body.concurrency_limit,
        name=body.worker_name,
        version=body.worker_version,
        queues=tuple(body.queues),
        actions=tuple(body.actions),
        api_key_id=call.principal.key_id,
    )
