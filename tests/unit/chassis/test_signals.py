"""Signals: whoever waits for several is woken by the first, and leaves nothing behind."""

import asyncio

from libs.chassis.loops.signals import Signal, first_of


async def test_the_first_of_several_signals_ends_the_wait() -> None:
    signals = [Signal(), Signal(), Signal()]
    waiting = asyncio.create_task(first_of(signals, 60))
    await asyncio.sleep(0)
    signals[1].set()
    await asyncio.wait_for(waiting, 1)
    assert [signal.listeners for signal in signals] == [set(), set(), set()]


async def test_a_signal_that_is_set_already_needs_no_waiting() -> None:
    signal = Signal()
    signal.set()
    await asyncio.wait_for(first_of([Signal(), signal], 60), 1)


async def test_without_a_signal_the_time_ends_the_wait() -> None:
    signal = Signal()
    await asyncio.wait_for(first_of([signal], 0.001), 1)
    assert not signal.is_set()
    assert not signal.listeners


async def test_a_wait_that_is_cancelled_stops_listening() -> None:
    signal = Signal()
    waiting = asyncio.create_task(first_of([signal], 60))
    await asyncio.sleep(0)
    assert signal.listeners
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not signal.listeners
    signal.set()
