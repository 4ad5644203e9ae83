"""CPU seconds by process, over everything that takes part: services, servers, workers, load."""

import os
from collections.abc import Mapping

import psutil


class CpuMeter:
    """Reads at the beginning and at the end; children that a process started count with it.

    This process, which started them all, counts alone, as `load`.
    """

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = {**pids, "load": os.getpid()}
        self._before = self._read()

    def spent(self) -> dict[str, float]:
        """CPU seconds by name since the beginning."""
        after = self._read()
        return {name: after[name] - self._before.get(name, 0.0) for name in after}

    def _read(self) -> dict[str, float]:
        return {name: _seconds(pid, alone=name == "load") for name, pid in self._pids.items()}


def _seconds(pid: int, *, alone: bool) -> float:
    try:
        process = psutil.Process(pid)
        family = [process] if alone else [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for member in family:
        try:
            times = member.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
