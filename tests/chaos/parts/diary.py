"""What somebody outside of Mobius saw and did: one JSON line per fact, on disk before anything follows from it."""

import json
import os
import time
from pathlib import Path


class Diary:
    """Append only. A process that is killed leaves whole lines; one that is started again goes on below them."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(self, what: str, **facts: object) -> None:
        """Returns when the line is on disk. `what` names the kind of fact; `at` is added, in seconds since 1970."""
        line = json.dumps({"what": what, "at": round(time.time(), 3), **facts}) + "\n"
        os.write(self._file, line.encode())
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)
