"""The claim desk: claims queue while a transaction is in flight, then one statement per kind of claim serves all."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from libs.chassis.db.errors import OutcomeUnknown, Unavailable
from libs.chassis.db.link import PLANNED_ONCE, Link, Row
from libs.chassis.db.queries import load_queries
from libs.chassis.failpoints import reached
from libs.chassis.loops.group_commit import GroupCommit
from libs.chassis.loops.queues import Queues
from libs.chassis.loops.ticker import Ticker
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.store.lanes import LaneBook, Wanted, lane_of
from services.dispatcher.store.rows import lease_of

QUERIES = load_queries(__package__)
LEASES_REMEMBERED = 50_000
LEASES_REMEMBERED_BYTES = 64 * 1024 * 1024
"""Parameters of the jobs whose leases are kept; the oldest make room."""
MOST_AT_ONCE = 500
"""Jobs that one statement takes, however many are asked for."""
TRIES = 3
"""Claims in a row where other replicas hold on to the jobs in view."""
LOOKS = 5
LOOK_EVERY = timedelta(seconds=1)
"""A claim whose answer got lost is looked for that often: the server may still be about to commit it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """One executor that asks for jobs, at most so many. `token` becomes the fence."""

    wanted: Wanted
    token: str
    claimed_by: str
    lease_for: timedelta
    most: int = 1


class Leases:
    """Leases that this process handed out, so that a report needs no read. Only a cache: the table decides."""

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}
        self._bytes = 0

    def get(self, job_id: str) -> Lease | None:
        return self._leases.get(job_id)

    def keep(self, lease: Lease) -> None:
        self.forget(lease.job.job_id)
        self._leases[lease.job.job_id] = lease
        self._bytes += len(lease.job.parameters)
        while len(self._leases) > LEASES_REMEMBERED or self._bytes > LEASES_REMEMBERED_BYTES:
            self.forget(next(iter(self._leases)))

    def forget(self, job_id: str) -> None:
        forgotten = self._leases.pop(job_id, None)
        if forgotten is not None:
            self._bytes -= len(forgotten.job.parameters)


@dataclass(frozen=True, slots=True)
class Release:
    """Leases whose holder never learned of them."""

    leases: Sequence[Lease]


@dataclass(frozen=True, slots=True)
class Settle:
    """Time to look for leases that nobody was told of."""


class ClaimDesk:
    """Component. `claim` answers the leases that it got: none when no job fits right now.

    Where the connection breaks while a statement runs, the leases that it took are read back by its mark: for the
    claims that still wait, or else, later, to be given back.
    """

    def __init__(self, postgres_url: str, leases: Leases, book: LaneBook, queues: Queues) -> None:
        self._link = Link(postgres_url, "dispatcher-claims", settings=PLANNED_ONCE)
        self._leases = leases
        self._book = book
        self._group: GroupCommit[Claim | Release | Settle, list[Lease]] = queues.group("claims", self._serve)
        self._unclear: dict[UUID, int] = {}
        self._settler = Ticker("claim-settler", self._look_again, LOOK_EVERY)

    async def start(self) -> None:
        await self._group.start()
        await self._settler.start()

    async def stop(self) -> None:
        await self._settler.stop()
        await self._group.stop()
        await self._link.close()

    def ready(self) -> str | None:
        return self._group.ready()

    async def claim(self, claim: Claim) -> list[Lease]:
        return await self._group.submit(claim)

    async def release(self, leases: Sequence[Lease]) -> None:
        """Gives jobs back whose executor went away before it learned of them."""
        await self._group.submit(Release(leases))

    def doubt(self, batch: UUID) -> None:
        """Leases may have been taken under this mark that nobody was told of: they are looked for, and given back."""
        self._unclear[batch] = LOOKS

    async def _look_again(self) -> bool:
        if self._unclear:
            await self._group.submit(Settle())
        return False

    async def _serve(self, requests: Sequence[Claim | Release | Settle]) -> Sequence[list[Lease] | Exception]:
        if any(isinstance(request, Settle) for request in requests):
            await self._settle()
        await self._release([lease for request in requests if isinstance(request, Release) for lease in request.leases])
        alike: dict[tuple[Wanted, timedelta], list[int]] = {}
        for place, request in enumerate(requests):
            if isinstance(request, Claim):
                alike.setdefault((request.wanted, request.lease_for), []).append(place)
        answers: list[list[Lease] | Exception] = [[] for _ in requests]
        for places in alike.values():
            claims = [request for place in places if isinstance(request := requests[place], Claim)]
            for place, answer in zip(places, await self._answers(claims), strict=True):
                answers[place] = answer
        return answers

    async def _answers(self, claims: Sequence[Claim]) -> Sequence[list[Lease] | Exception]:
        """What claims of one kind get. If they break, the other kinds keep what they have."""
        try:
            by_token = await self._claim(claims)
        except Unavailable as error:
            return [error] * len(claims)
        dealt: list[list[Lease]] = [[] for _ in claims]
        for place in turns([claim.most for claim in claims]):
            if waiting := by_token.get(claims[place].token):
                dealt[place].append(waiting.popleft())
        return dealt

    async def _claim(self, claims: Sequence[Claim]) -> dict[str, deque[Lease]]:
        order = [claims[place] for place in turns([claim.most for claim in claims])]
        by_token: dict[str, deque[Lease]] = {}
        for _ in range(TRIES):
            try:
                leases, crowded = await self._take(order)
            except Unavailable:
                if not by_token:
                    raise
                break
            for lease in leases:
                self._leases.keep(lease)
                by_token.setdefault(lease.token, deque()).append(lease)
            order = order[len(leases) :]
            if not order or not crowded:
                break
        return by_token

    async def _take(self, order: Sequence[Claim]) -> tuple[list[Lease], bool]:
        """Leases for the first of these turns, and whether others held on to jobs in front of more of them."""
        wanted, looked, batch = order[0].wanted, self._book.now(), uuid4()
        lanes, in_view = self._book.fitting(wanted), 2 * len(order) + 8
        if not lanes:
            return [], False
        try:
            rows = await self._link.rows(
                QUERIES["claim_jobs"],
                wanted.project,
                wanted.kind,
                [lane.action for lane, _ in lanes],
                [lane.queue for lane, _ in lanes],
                [start for _, start in lanes],
                in_view,
                [claim.token for claim in order],
                [claim.claimed_by for claim in order],
                order[0].lease_for,
                batch,
            )
            assert reached("jobs_claimed")
        except OutcomeUnknown:
            return [lease_of(row) for row in await self._read_back(batch)], False
        taken = [row for row in rows if row["job_id"] is not None]
        leases = [lease_of(row) for row in taken]
        for lease, row in zip(leases, taken, strict=True):
            self._book.reached(lane_of(lease.job), row["position"])
        crowded = rows[0]["seen"] == in_view
        if len(leases) < len(order) and not crowded:
            self._book.dry((lane for lane, _ in lanes), looked)
        return leases, crowded

    async def _read_back(self, batch: UUID) -> Sequence[Row]:
        """What a statement took whose answer got lost. If that cannot be told yet: `Unavailable`, and `_settle`."""
        self.doubt(batch)
        rows = await self._link.rows(QUERIES["read_claimed"], [batch])
        if not rows:
            raise Unavailable("the connection broke during a claim, and no job is known to have been claimed")
        del self._unclear[batch]
        return rows

    async def _settle(self) -> None:
        """Gives back what was taken for claims that have been refused since."""
        rows = await self._link.rows(QUERIES["read_claimed"], list(self._unclear))
        leases = [lease_of(row) for row in rows]
        await self._release(leases)
        if leases:
            log.warning("lost_claims_given_back", jobs=[lease.job.job_id for lease in leases])
        found = {row["batch"] for row in rows}
        left = {batch: looks - 1 for batch, looks in self._unclear.items() if batch not in found}
        self._unclear = {batch: looks for batch, looks in left.items() if looks > 0}

    async def _release(self, leases: Sequence[Lease]) -> None:
        if not leases:
            return
        for lease in leases:
            self._leases.forget(lease.job.job_id)
        await self._link.rows(
            QUERIES["release_leases"],
            [lease.job.job_id for lease in leases],
            [lease.token for lease in leases],
            [lease.job.attempt for lease in leases],
        )
        assert reached("leases_released")
        for lease in leases:
            self._book.note(lane_of(lease.job))


def turns(demands: Sequence[int]) -> list[int]:
    """Whose turn it is at each job: nobody gets a second one before everybody had the chance of a first."""
    rounds = range(max(demands))
    return [place for turn in rounds for place, most in enumerate(demands) if turn < most][:MOST_AT_ONCE]
