"""One stack per data folder: a lock that the kernel lets go when its holder dies, so a stale one never matters."""

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process uses this data folder; the text names its pid."""


class VarLock:
    """`take()` and `release()` of `<var>/lock`, whose text is the holder's pid."""

    def __init__(self, var: Path) -> None:
        self._path = var / "lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises AlreadyRunning when somebody holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode().strip()
            os.close(descriptor)
            raise AlreadyRunning(f"a stack is already running on {self._path.parent} (pid {holder})") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
