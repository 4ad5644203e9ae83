"""Events that can be waited for together, without a task for each: long polls wait like that by the thousand."""

import asyncio
from collections.abc import Callable, Sequence


class Signal(asyncio.Event):
    """An event that also calls those who listen when it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners: set[Callable[[], None]] = set()

    def set(self) -> None:
        super().set()
        for listener in tuple(self.listeners):
            listener()


async def first_of(signals: Sequence[Signal], seconds: float) -> None:
    """Returns when one of the signals is set, or after so many seconds."""
    if seconds <= 0 or any(signal.is_set() for signal in signals):
        return
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def end() -> None:
        if not over.done():
            over.set_result(None)

    timer = loop.call_later(seconds, end)
    try:
        for signal in signals:
            signal.listeners.add(end)
        await over
    finally:
        timer.cancel()
        for signal in signals:
            signal.listeners.discard(end)
