"""Kafka is away: what is written waits, up to a bound, and is refused from there on; then all of it goes out."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.e2e.limits.evidence import check
from tests.e2e.limits.load import Load, pressing
from tests.e2e.limits.strained import OUTBOX_EVENTS, Strained
from tests.e2e.limits.watch import watching

INPUT = "x" * 32_768
CLIENTS = 16
FULL = 'mobius_http_refused_total{operation="startRun",reason="outbox_full"}'
Change = Callable[[Strained], Awaitable[None]]


async def pause(installation: Strained) -> None:
    assert installation.broker.child is not None
    installation.broker.child.send(signal.SIGSTOP)


async def resume(installation: Strained) -> None:
    assert installation.broker.child is not None
    installation.broker.child.send(signal.SIGCONT)


async def kill(installation: Strained) -> None:
    assert installation.broker.child is not None
    installation.broker.child.kill()
    await installation.broker.child.wait()


async def start(installation: Strained) -> None:
    await installation.broker.start()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("leave", "come_back", "seconds"),
    [
        pytest.param(kill, start, 12, id="killed", marks=pytest.mark.nightly),
        pytest.param(pause, resume, 12, id="paused"),
        pytest.param(kill, start, 60, id="killed-60s", marks=pytest.mark.nightly),
        pytest.param(pause, resume, 60, id="paused-60s", marks=pytest.mark.nightly),
    ],
)
async def test_while_the_broker_is_away_so_many_writes_are_taken_and_no_more_and_none_is_lost(
    installation: Strained, leave: Change, come_back: Change, seconds: float
) -> None:
    engine, load = installation.caller("engine"), Load()
    async with watching(installation) as watch:
        async with pressing(load, engine, CLIENTS, INPUT):
            await load.until(accepted=20)
            await leave(installation)
            back = asyncio.get_running_loop().time() + seconds
            try:
                await load.until(refused=50)
                await watch.until_said("engine", f"of at most {OUTBOX_EVENTS}")
                await watch.until_number("engine", "mobius_broker_reachable", 0)
                assert await watch.number("engine", "mobius_outbox_events") >= OUTBOX_EVENTS
                assert await watch.number("engine", FULL) >= 50
                await asyncio.sleep(back - asyncio.get_running_loop().time())  # the passing of time is what is tested
            finally:
                await come_back(installation)
            await load.until(accepted=50)
        assert b"to wait to be published" in next(iter(load.refused.values())).raw
        assert watch.reasons["audit"] == []  # it has nothing to say, and answers from what it knows
        await check(installation, load)
        await watch.until_green()
        await watch.until_number("engine", "mobius_broker_reachable", 1)
        await watch.until_number("engine", "mobius_outbox_events", 0)
        watch.check_memory()
