"""The claim announcer: says `job.claimed` of leases that have lasted for a moment.

Most jobs are done before anybody could look; announcing those would cost an event each on the hot path.
"""

from datetime import timedelta

from libs.chassis.clock import Clock
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Context, Entry, entry
from libs.contracts.events.dispatcher import JobClaimed
from services.dispatcher.domain.jobs import Lease, of_invocation
from services.dispatcher.store.claims import Leases
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.writer import Writer

MOST_AT_ONCE = 500
SERVICE = "dispatcher"


class ClaimAnnouncer:
    """One step of the loop; answers whether there may be more."""

    def __init__(self, queue: Queue, writer: Writer, leases: Leases, clock: Clock, *, after: timedelta) -> None:
        self._queue = queue
        self._writer = writer
        self._leases = leases
        self._clock = clock
        self._after = after

    async def step(self) -> bool:
        fresh = await self._queue.find_unannounced(self._after, MOST_AT_ONCE)
        if not fresh:
            return False
        advance = self._queue.advance_part(fresh, [1] * len(fresh), announce=True)
        written = await self._writer.write([advance], [self._entry(lease) for lease in fresh])
        assert reached("claims_announced")
        for lease in fresh:
            self._leases.forget(lease.job.job_id)
        return written and len(fresh) == MOST_AT_ONCE

    def _entry(self, lease: Lease) -> Entry:
        job = lease.job
        payload = JobClaimed(**of_invocation(job), claimed_by=lease.claimed_by, claimed_at=lease.claimed_at)
        context = Context(
            service=SERVICE,
            project=job.project,
            now=self._clock.now(),
            actor=lease.claimed_by,
            correlation=job.run_id,
            traceparent=job.traceparent,
        )
        return entry(context, job.job_id, job.sequence + 1, job.run_id, payload)
