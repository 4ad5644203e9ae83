"""The broker's disk is full: it gives up, gets room, is started again, and nothing that was accepted is missing."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.limits.evidence import check
from tests.e2e.limits.load import Load, pressing
from tests.e2e.limits.strained import OUTBOX_EVENTS, Strained
from tests.e2e.limits.watch import watching

INPUT = "x" * 16_384
GIVES_UP_WITHIN_SECONDS = 60


def fill(disk: Path) -> Path:
    """Takes every byte that is left; answers the file that holds them."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 65_536)
        except OSError:
            return filler


@pytest.mark.nightly
@pytest.mark.timeout(400)
async def test_a_broker_that_gave_up_on_a_full_disk_is_caught_up_with_when_it_is_back(installation: Strained) -> None:
    if installation.disk is None:
        pytest.skip("NOT PROVEN HERE: a disk of the broker's own needs root and the right to mount")
    engine, load, broker = installation.caller("engine"), Load(), installation.broker
    assert broker.child is not None
    async with watching(installation) as watch:
        async with pressing(load, engine, text=INPUT):
            await load.until(accepted=20)
            filler = fill(installation.disk)
            async with asyncio.timeout(GIVES_UP_WITHIN_SECONDS):
                assert await broker.child.wait() != 0
            await load.until(refused=50)
            await watch.until_said("engine", f"of at most {OUTBOX_EVENTS}")
            filler.unlink()
            await broker.start()
            await load.until(accepted=50)
        await check(installation, load)
        await watch.until_green()
        watch.check_memory()
