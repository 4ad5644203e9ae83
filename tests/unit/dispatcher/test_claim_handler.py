"""Jobs that were claimed for somebody who has hung up go back, and jobs that come during a look are found."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

from aiohttp.web import BaseRequest

from libs.chassis.http import Call, Empty, Json
from libs.chassis.http.call import NOBODY
from libs.chassis.http.errors import UNAUTHORIZED
from libs.chassis.http.open_calls import Ending
from libs.chassis.loops.signals import Signal
from services.dispatcher.api.claims import Claims
from services.dispatcher.api.lease_terms import LeaseTerms
from services.dispatcher.api.models import ClaimBody
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.store.claims import Claim, ClaimDesk
from services.dispatcher.store.lanes import Wanted, lane_of
from services.dispatcher.store.sessions import SessionBook
from services.dispatcher.store.waiters import Waiters
from tests.unit.dispatcher.samples import JOB, lease

SECOND = timedelta(seconds=1)
LEASES = [lease(replace(JOB, job_id=f"job_{number}")) for number in range(3)]


class HungUp:
    """A claim desk whose client hangs up while the claim is being committed."""

    def __init__(self, gone: Signal) -> None:
        self.released: list[Lease] = []
        self._gone = gone

    async def claim(self, claim: Claim) -> list[Lease]:
        self._gone.set()
        return LEASES[: claim.most]

    async def release(self, leases: list[Lease]) -> None:
        self.released.extend(leases)


class Known:
    """Sessions that know everybody."""

    async def meet(self, _intro: object) -> None:
        pass

    def park(self, _key: object) -> None:
        pass

    def unpark(self, _key: object) -> None:
        pass


def call_of(gone: Signal, most: int, wait_seconds: int = 0, ended: Ending | None = None) -> Call[ClaimBody, None]:
    """A request of one worker."""
    return Call(
        request=cast(BaseRequest, None),
        principal=NOBODY,
        params={"project": JOB.project},
        query=None,
        body=ClaimBody(
            worker_instance_id="w1",
            worker_session_token="t1",
            concurrency_limit=3,
            max_jobs=most,
            wait_seconds=wait_seconds,
        ),
        raw=b"",
        request_id="",
        draining=Signal(),
        gone=gone,
        ended=ended or Ending(),
        trace=None,
    )


def claims_of(desk: object, waiters: Waiters) -> Claims:
    return Claims(cast(ClaimDesk, desk), waiters, cast(SessionBook, Known()), LeaseTerms({}, SECOND, SECOND))


async def test_all_jobs_of_a_claim_go_back_when_its_client_is_gone() -> None:
    gone, waiters = Signal(), Waiters()
    desk = HungUp(gone)
    wanted = Wanted(JOB.project)
    one, two = (Claim(wanted, "t2", "w2", SECOND, most) for most in (1, 2))
    with waiters.parked(one) as first, waiters.parked(two) as second_waiter:
        assert await claims_of(desk, waiters).claim(call_of(gone, most=3)) == Empty(204)
        assert first.woken.is_set()
        assert second_waiter.woken.is_set()
    assert desk.released == LEASES


class Revoked(HungUp):
    """A claim desk whose client's key is revoked while the claim is being committed."""

    def __init__(self, ended: Ending) -> None:
        super().__init__(Signal())
        self._ended = ended

    async def claim(self, claim: Claim) -> list[Lease]:
        self._ended.end(UNAUTHORIZED)
        return LEASES[: claim.most]


async def test_all_jobs_of_a_claim_go_back_when_its_key_has_ended_and_the_caller_hears_why() -> None:
    ended, waiters = Ending(), Waiters()
    desk = Revoked(ended)
    assert await claims_of(desk, waiters).claim(call_of(Signal(), most=3, ended=ended)) == UNAUTHORIZED
    assert desk.released == LEASES


async def test_a_claim_that_waits_ends_with_its_key() -> None:
    ended, waiters = Ending(), Waiters()

    class Empty:
        async def claim(self, _claim: Claim) -> list[Lease]:
            ended.end(UNAUTHORIZED)
            return []

    assert await claims_of(Empty(), waiters).claim(call_of(Signal(), 1, 30, ended)) == UNAUTHORIZED


class JustTooEarly:
    """A claim desk that finds nothing at its first look; the jobs come before it has said so."""

    def __init__(self, waiters: Waiters) -> None:
        self._waiters = waiters
        self._looks = 0

    async def claim(self, claim: Claim) -> list[Lease]:
        self._looks += 1
        if self._looks == 1:
            self._waiters.wake(lane_of(JOB), claim.most)
            return []
        return LEASES[: claim.most]


async def test_a_job_that_arrives_during_the_look_is_not_missed() -> None:
    waiters = Waiters()
    answer = await claims_of(JustTooEarly(waiters), waiters).claim(call_of(Signal(), most=2, wait_seconds=3))
    assert isinstance(answer, Json)
