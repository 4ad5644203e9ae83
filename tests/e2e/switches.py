"""Arms the demo's kill switch for as long as a block lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from demo.kill_switch import KillSwitch
from demo.receiver import Receiver


@asynccontextmanager
async def armed(receiver: Receiver, switch: KillSwitch) -> AsyncIterator[None]:
    """The switch hears of every delivery, and kills when it is time."""
    heard_before, receiver.on_delivery = receiver.on_delivery, switch.hear
    watching = asyncio.create_task(switch.wait_and_kill())
    try:
        yield
    finally:
        receiver.on_delivery = heard_before
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
