"""The lease reaper: jobs whose holders went silent become claimable again, or fail for good."""

from collections.abc import Callable, Sequence
from typing import cast

from libs.chassis.clock import Clock
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.codec import JsonObject, parse_json
from services.dispatcher.domain.expiry import decide_expiry
from services.dispatcher.domain.jobs import Job, Lease
from services.dispatcher.store.claims import Leases
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.writer import Writer

MOST_AT_ONCE = 500
SERVICE = "dispatcher"

RetrySafe = Callable[[Job], bool]
"""Whether repeating a delivery that may have arrived does no harm."""


class LeaseReaper:
    """One step of the loop; answers whether there may be more."""

    def __init__(
        self,
        queue: Queue,
        writer: Writer,
        leases: Leases,
        clock: Clock,
        *,
        retry_safe: RetrySafe,
        most_expiries: int,
        returned: Callable[[Sequence[Job]], None],
    ) -> None:
        self._queue = queue
        self._writer = writer
        self._leases = leases
        self._clock = clock
        self._retry_safe = retry_safe
        self._most_expiries = most_expiries
        self._returned = returned

    async def step(self) -> bool:
        expired = await self._queue.find_expired(MOST_AT_ONCE)
        if not expired:
            return False
        again: list[Job] = []
        appended: list[Entry] = []
        for lease in expired:
            self._leases.forget(lease.job.job_id)
            payloads, job = decide_expiry(
                lease,
                cast(JsonObject, parse_json(lease.job.parameters)),
                retry_safe=self._retry_safe(lease.job),
                most_expiries=self._most_expiries,
            )
            again.extend([job] if job is not None else [])
            appended.extend(
                entries(self._context(lease), lease.job.job_id, lease.job.sequence, lease.job.run_id, payloads)
            )
        written = await self._writer.write(self._queue.return_parts(expired, again), appended)
        assert reached("leases_returned")
        if written:
            self._returned(again)
        return written and len(expired) == MOST_AT_ONCE

    def _context(self, lease: Lease) -> Context:
        return Context(
            service=SERVICE,
            project=lease.job.project,
            now=self._clock.now(),
            actor="mobius-lease-reaper",
            correlation=lease.job.run_id,
            traceparent=lease.job.traceparent,
        )
