"""Claiming jobs: a long poll that holds no database connection while it waits."""

from collections import Counter
from collections.abc import Sequence
from time import monotonic

from libs.chassis.http import Answer, Call, Empty, Json
from libs.contracts.codec import raw_json
from services.dispatcher.api.lease_terms import LeaseTerms
from services.dispatcher.api.models import ClaimBody
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.store.claims import Claim, ClaimDesk
from services.dispatcher.store.lanes import Wanted, lane_of
from services.dispatcher.store.sessions import Introduction, SessionBook
from services.dispatcher.store.waiters import Waiters


class Claims:
    """The handler of `claimJob`. With `max_jobs` it answers a list: what is there, without waiting for more."""

    def __init__(self, desk: ClaimDesk, waiters: Waiters, sessions: SessionBook, terms: LeaseTerms) -> None:
        self._desk = desk
        self._waiters = waiters
        self._sessions = sessions
        self._terms = terms

    async def claim(self, call: Call[ClaimBody, None]) -> Answer:
        body = call.body
        refusal = await self._sessions.meet(_introduction(call))
        if refusal is not None:
            return refusal
        wanted = Wanted(call.project, actions=tuple(sorted(body.actions)), queues=tuple(sorted(body.queues)))
        lease_for = self._terms.lease_for(call.project)
        claim = Claim(wanted, body.worker_session_token, body.worker_instance_id, lease_for, body.max_jobs or 1)
        key = (call.project, body.worker_instance_id)
        self._sessions.park(key)
        try:
            leases = await self._wait_for(claim, call, monotonic() + body.wait_seconds)
        finally:
            self._sessions.unpark(key)
        if leases and call.over:
            await self._give_back(leases)
            leases = ()
        if not leases:
            return call.ended.refusal or Empty(204)
        if body.max_jobs is None:
            return Json(200, self._wire(leases[0]))
        return Json(200, {"jobs": [self._wire(lease) for lease in leases]})

    async def _wait_for(self, claim: Claim, call: Call[ClaimBody, None], deadline: float) -> Sequence[Lease]:
        looks = not self._waiters.any_idle(claim.wanted)
        with self._waiters.parked(claim) as waiter:
            while True:
                waiter.woken.clear()
                if looks and (leases := await self._desk.claim(claim)):
                    return leases
                looks = waiter.idle = True
                woken = await call.until(waiter.woken, deadline - monotonic())
                handed = await waiter.leave()
                if handed or not woken:
                    return handed

    async def _give_back(self, leases: Sequence[Lease]) -> None:
        await self._desk.release(leases)
        for lane, jobs in Counter(lane_of(lease.job) for lease in leases).items():
            self._waiters.wake(lane, jobs)

    def _wire(self, lease: Lease) -> dict[str, object]:
        job = lease.job
        return {
            "job_id": job.job_id,
            "run_id": job.run_id,
            "workflow_name": job.workflow_name,
            "step_name": job.step,
            "action": job.action,
            "parameters": raw_json(job.parameters),
            "attempt": job.attempt,
            "queue": job.queue,
            "heartbeat_interval_seconds": self._terms.heartbeat_seconds(job.project),
        }


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
