"""The heartbeat desk: leases are extended in groups, never one row write at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from libs.chassis.db.link import PLANNED_ONCE, Link
from libs.chassis.db.queries import load_queries
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.loops.group_commit import GroupCommit
from libs.chassis.loops.queues import Queues
from services.dispatcher.domain.reports import LEASE_LOST

QUERIES = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The holder of a lease is alive. The fence is the claim's."""

    job_id: str
    project: str
    token: str
    attempt: int
    lease_for: timedelta


class HeartbeatDesk:
    """Component. `beat` answers whether the holder should stop, or that the lease is lost."""

    def __init__(self, postgres_url: str, queues: Queues) -> None:
        self._link = Link(postgres_url, "dispatcher-heartbeats", settings=PLANNED_ONCE)
        self._group: GroupCommit[Heartbeat, bool | Rejected] = queues.group("heartbeats", self._serve)

    async def start(self) -> None:
        await self._group.start()

    async def stop(self) -> None:
        await self._group.stop()
        await self._link.close()

    def ready(self) -> str | None:
        return self._group.ready()

    async def beat(self, heartbeat: Heartbeat) -> bool | Rejected:
        return await self._group.submit(heartbeat)

    async def _serve(self, batch: Sequence[Heartbeat]) -> Sequence[bool | Rejected | Exception]:
        rows = await self._link.rows(
            QUERIES["extend_leases"],
            [beat.job_id for beat in batch],
            [beat.token for beat in batch],
            [beat.attempt for beat in batch],
            [beat.lease_for for beat in batch],
        )
        assert reached("leases_extended")
        extended = {
            (row["job_id"], row["project"], row["token"], row["attempt"]): bool(row["cancel_requested"]) for row in rows
        }
        return [extended.get((beat.job_id, beat.project, beat.token, beat.attempt), LEASE_LOST) for beat in batch]
