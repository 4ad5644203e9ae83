"""How fast this machine is now, beside the one that the bounds were set on. Bounds in seconds of a processor hold
there; elsewhere, and beside other builds, they grow with the time that one and the same work takes."""

import time

SECONDS_THERE = 0.020
"""What `_work` takes on the machine of the bounds when nothing else runs."""
TRIES = 5


def slowness() -> float:
    """1 on the machine of the bounds or a faster one, 2 on one that is half as fast."""
    return max(1.0, min(_seconds() for _ in range(TRIES)) / SECONDS_THERE)


def _seconds() -> float:
    began = time.thread_time()
    _work()
    return time.thread_time() - began


def _work() -> int:
    """What interpreters spend their time on: small objects, calls and dictionaries."""
    counts: dict[str, int] = {}
    for number in range(60_000):
        name = f"n{number % 97}"
        counts[name] = counts.get(name, 0) + len(name)
    return sum(counts.values())
