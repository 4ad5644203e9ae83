"""An executor leaves no lease behind that nobody carries out, and lets go of errands that nobody waits for."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import cast

import pytest

from libs.chassis.db.errors import Overloaded
from libs.chassis.decider import Rejected
from services.dispatcher.delivery.errand import Done, Errands
from services.dispatcher.delivery.verdict import Success
from services.dispatcher.domain.jobs import Job, Lease
from services.dispatcher.domain.reports import LEASE_LOST, Failed
from services.dispatcher.store.claims import Claim, ClaimDesk
from services.dispatcher.store.heartbeats import Heartbeat, HeartbeatDesk
from services.dispatcher.store.lanes import Lane
from services.dispatcher.store.reports import ReportDesk, Reporting
from services.dispatcher.workers.executor import Executor
from tests.unit.dispatcher.samples import lease

LANE = Lane("default", "worker", "work", "default")


class Desk:
    """A claim desk whose first answer comes when it is let go; it has one job."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.released: list[Lease] = []
        self._jobs = 1

    async def claim(self, _claim: Claim) -> list[Lease]:
        self.asked.set()
        await self.open.wait()
        self._jobs -= 1
        return [lease()] if self._jobs == 0 else []

    async def release(self, given_back: Sequence[Lease]) -> None:
        self.released.extend(given_back)


class Hearts:
    """A heartbeat desk that always answers the same, after an overload."""

    def __init__(self, answer: bool | Rejected) -> None:
        self._answer = answer
        self._overloaded = True

    async def beat(self, _beat: Heartbeat) -> bool | Rejected:
        if self._overloaded:
            self._overloaded = False
            raise Overloaded("too many")
        return self._answer


class Reports:
    """A report desk that is overloaded once."""

    def __init__(self) -> None:
        self.reported = asyncio.Event()
        self._overloaded = True

    async def report(self, reporting: Reporting) -> None:
        self.outcome = reporting.report.outcome
        if self._overloaded:
            self._overloaded = False
            raise Overloaded("too many")
        self.reported.set()


class Errand:
    """One that takes for ever, or none of the time."""

    def __init__(self, *, endless: bool) -> None:
        self.begun = asyncio.Event()
        self.cut_off = asyncio.Event()
        self._endless = endless

    async def run(self, _job: Job) -> Done:
        self.begun.set()
        try:
            while self._endless:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cut_off.set()
            raise
        return Done(Success({"ok": True}), 0)


@pytest.fixture
def made() -> Callable[..., Executor]:
    def make(desk: Desk, errand: Errand, hearts: Hearts, reports: Reports) -> Executor:
        return Executor(
            "test",
            "worker",
            (cast(ClaimDesk, desk), cast(HeartbeatDesk, hearts), cast(ReportDesk, reports)),
            cast(Errands, errand),
            eligible=lambda _: True,
            lease_for=timedelta(milliseconds=30),
            most_at_once=1,
        )

    return make


async def test_a_claim_that_is_answered_after_the_stop_is_given_back(made: Callable[..., Executor]) -> None:
    desk, errand = Desk(), Errand(endless=False)
    executor = made(desk, errand, Hearts(answer=False), Reports())
    await executor.start()
    executor.notice(LANE)
    await desk.asked.wait()
    stopping = asyncio.create_task(executor.stop())
    await asyncio.sleep(0)
    desk.open.set()
    async with asyncio.timeout(5):
        await stopping
    assert desk.released == [lease()]
    assert not errand.begun.is_set()


@pytest.mark.parametrize("answer", [True, LEASE_LOST])
async def test_an_errand_ends_when_its_run_or_its_lease_has(
    made: Callable[..., Executor], answer: bool | Rejected
) -> None:
    desk, errand = Desk(), Errand(endless=True)
    desk.open.set()
    executor = made(desk, errand, Hearts(answer), Reports())
    await executor.start()
    executor.notice(LANE)
    async with asyncio.timeout(5):
        await errand.cut_off.wait()
        await executor.stop()


async def test_a_report_that_meets_an_overload_is_made_again(made: Callable[..., Executor]) -> None:
    desk, reports = Desk(), Reports()
    desk.open.set()
    executor = made(desk, Errand(endless=False), Hearts(answer=False), reports)
    await executor.start()
    executor.notice(LANE)
    async with asyncio.timeout(5):
        await reports.reported.wait()
        await executor.stop()


class Waiting(Reports):
    """A report desk that is overloaded until the lease has been extended meanwhile."""

    def __init__(self, hearts: "Beating") -> None:
        super().__init__()
        self._hearts = hearts

    async def report(self, reporting: Reporting) -> None:
        await self._hearts.beaten.wait()
        await super().report(reporting)


class Beating(Hearts):
    """A heartbeat desk that says when it was asked."""

    def __init__(self) -> None:
        super().__init__(answer=False)
        self.beaten = asyncio.Event()

    async def beat(self, beat: Heartbeat) -> bool | Rejected:
        self.beaten.set()
        return await super().beat(beat)


async def test_a_lease_is_kept_while_its_report_has_to_wait(made: Callable[..., Executor]) -> None:
    desk, hearts = Desk(), Beating()
    reports = Waiting(hearts)
    desk.open.set()
    executor = made(desk, Errand(endless=False), hearts, reports)
    await executor.start()
    executor.notice(LANE)
    async with asyncio.timeout(5):
        await reports.reported.wait()
        await executor.stop()


class Broken(Errand):
    """One that meets a bug of ours."""

    async def run(self, _job: Job) -> Done:
        raise KeyError("nobody thought of this")


async def test_an_errand_that_meets_a_bug_is_reported_as_failed(made: Callable[..., Executor]) -> None:
    desk, reports = Desk(), Reports()
    desk.open.set()
    executor = made(desk, Broken(endless=False), Hearts(answer=False), reports)
    await executor.start()
    executor.notice(LANE)
    async with asyncio.timeout(5):
        await reports.reported.wait()
        await executor.stop()
    assert isinstance(reports.outcome, Failed)
    assert reports.outcome.error_type == "fatal_error"
    assert "KeyError" in reports.outcome.error_message
