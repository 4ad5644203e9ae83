"""An executor that is told to stop leaves no lease behind that nobody carries out."""

import asyncio
from datetime import timedelta
from typing import cast

from services.dispatcher.delivery.errand import Errands
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.store.claims import Claim, ClaimDesk, Lane
from services.dispatcher.store.heartbeats import HeartbeatDesk
from services.dispatcher.store.reports import ReportDesk
from services.dispatcher.workers.executor import Executor
from tests.unit.dispatcher.samples import lease


class Desk:
    """A claim desk whose answer comes when it is let go."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.released: list[Lease] = []

    async def claim(self, _claim: Claim) -> Lease | None:
        self.asked.set()
        await self.open.wait()
        return lease()

    async def release(self, given_back: Lease) -> None:
        self.released.append(given_back)


async def test_a_claim_that_is_answered_after_the_stop_is_given_back() -> None:
    desk = Desk()
    desks = (cast(ClaimDesk, desk), cast(HeartbeatDesk, None), cast(ReportDesk, None))
    executor = Executor(
        "test",
        "worker",
        desks,
        cast(Errands, None),
        eligible=lambda _: True,
        lease_for=timedelta(seconds=15),
        most_at_once=1,
    )
    await executor.start()
    executor.notice(Lane("default", "worker", "work"))
    await desk.asked.wait()
    stopping = asyncio.create_task(executor.stop())
    await asyncio.sleep(0)
    desk.open.set()
    async with asyncio.timeout(5):
        await stopping
    assert desk.released == [lease()]
