"""Arms the demo's kill switch for as long as a block lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from demo.kill_switch import KillSwitch
from demo.receiver import Receiver


@asynccontextmanager
async def armed(receiver: Receiver, switch: KillSwitch) -> AsyncIterator[None]:
    """The switch hears of every delivery and acts when it is time; what it has begun is done after the block."""
    heard_before, receiver.on_delivery = receiver.on_delivery, switch.hear
    acting = asyncio.create_task(switch.wait_and_kill())
    try:
        yield
    finally:
        receiver.on_delivery = heard_before
        if switch.delivered_before is None:
            acting.cancel()
        with suppress(asyncio.CancelledError):
            await acting
