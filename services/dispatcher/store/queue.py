"""The queue as statements: what the consumer and the loops add to their transactions, and what they read first."""

from collections.abc import Sequence
from datetime import timedelta

from libs.chassis.db.link import Link, Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.chassis.journal.store import load_streams
from services.dispatcher.domain.jobs import Job, Lease
from services.dispatcher.domain.schedule import Holder, OpenJob, last_holder
from services.dispatcher.store.lanes import Lane, Sighting
from services.dispatcher.store.rows import insert_args, job_of, lease_of, return_args

QUERIES = load_queries(__package__)


class Queue:
    """Reads over one link, and parts for statements that somebody else runs."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def insert_part(self, jobs: Sequence[Job]) -> Part:
        """Jobs that become claimable, each once."""
        return Part("inserted", QUERIES["insert_ready"], insert_args(jobs))

    def return_parts(self, expired: Sequence[Lease], again: Sequence[Job]) -> list[Part]:
        """Expired leases end; the jobs of `again` are claimable once more. Fails if a lease was touched meanwhile."""
        fences = (
            [lease.job.job_id for lease in expired],
            [lease.token for lease in expired],
            [lease.job.sequence for lease in expired],
        )
        freed = Part("freed", QUERIES["free_leases"], fences, expect=len(expired))
        return [freed, Part("returned", QUERIES["return_ready"], return_args(again))] if again else [freed]

    def close_parts(self, jobs: Sequence[OpenJob]) -> list[Part]:
        """Waiting jobs go; holders are asked to stop. Fails if one was claimed or reported meanwhile."""
        waiting = [job.job.job_id for job in jobs if not job.held]
        held = [job.job for job in jobs if job.held]
        parts: list[Part] = []
        if waiting:
            parts.append(Part("withdrawn", QUERIES["delete_ready"], (waiting,), expect=len(waiting)))
        if held:
            args = ([job.job_id for job in held], [job.sequence + 1 for job in held])
            parts.append(Part("cancelled", QUERIES["request_cancel"], args, expect=len(held)))
        return parts

    def advance_part(self, leases: Sequence[Lease], by: Sequence[int], *, announce: bool = False) -> Part:
        """Leases that go on, with `by` more events in their streams. Fails if one was lost meanwhile."""
        args = (
            [lease.job.job_id for lease in leases],
            [lease.token for lease in leases],
            [lease.job.attempt for lease in leases],
            [lease.job.sequence for lease in leases],
            [lease.job.sequence + step for lease, step in zip(leases, by, strict=True)],
            [announce] * len(leases),
        )
        return Part("progressed", QUERIES["advance_leases"], args, expect=len(leases))

    async def read_open(self, job_ids: Sequence[str]) -> list[OpenJob]:
        """Those of these jobs that are open, with who has them or had them before their lease expired."""
        rows = await self._link.rows(QUERIES["read_open"], list(job_ids))
        lapsed = [row["job_id"] for row in rows if row["expiries"] and not row["held"]]
        streams = await load_streams(self._link, lapsed) if lapsed else {}
        return [_open_job(row, last_holder(streams.get(row["job_id"], []))) for row in rows]

    async def find_begun(self, job_ids: Sequence[str]) -> set[str]:
        """Those of these jobs about which something has been said."""
        rows = await self._link.rows(QUERIES["find_begun"], list(job_ids))
        return {row["stream"] for row in rows}

    async def read_leases(self, job_ids: Sequence[str]) -> list[Lease]:
        return [lease_of(row) for row in await self._link.rows(QUERIES["read_leases"], list(job_ids))]

    async def find_expired(self, most: int) -> list[Lease]:
        return [lease_of(row) for row in await self._link.rows(QUERIES["find_expired"], most)]

    async def find_unannounced(self, older_than: timedelta, most: int) -> list[Lease]:
        return [lease_of(row) for row in await self._link.rows(QUERIES["find_unannounced"], older_than, most)]

    async def find_lanes(self) -> list[Sighting]:
        rows = await self._link.rows(QUERIES["find_lanes"])
        return [
            Sighting(Lane(row["project"], row["kind"], row["action"], row["queue"]), row["position"]) for row in rows
        ]


def _open_job(row: Row, lapsed: Holder | None) -> OpenJob:
    holder = Holder(row["claimed_by"], row["claimed_at"]) if row["held"] else lapsed
    return OpenJob(job_of(row), row["held"], row["cancel_requested"], holder)
