"""States of runs in memory. Only a cache: every commit is a compare-and-set on (stream, sequence), so writing from a
state that is behind is a conflict. Doing nothing because of one is not, so nobody may."""

from collections import OrderedDict

from services.engine.domain.run_state import RunState


class RunCache:
    """The runs that were used last, bounded in number and in the bytes of the events that they were folded from."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[RunState, int]] = OrderedDict()

    def get(self, run_id: str) -> RunState | None:
        kept = self._kept.get(run_id)
        if kept is None:
            return None
        self._kept.move_to_end(run_id)
        return kept[0]

    def put(self, state: RunState, more_bytes: int) -> None:
        """Keeps a committed state, unless a later one is there; `more_bytes` were folded since the last one."""
        run_id = state.facts.run_id
        known, weight = self._kept.get(run_id, (None, 0))
        if known is not None and known.version >= state.version:
            return
        self._kept[run_id] = (state, weight + more_bytes)
        self._kept.move_to_end(run_id)
        self._bytes += more_bytes
        while len(self._kept) > self._most or (self._bytes > self._most_bytes and len(self._kept) > 1):
            self._bytes -= self._kept.popitem(last=False)[1][1]

    def drop(self, run_id: str) -> None:
        """Somebody else wrote: the next reader loads it."""
        kept = self._kept.pop(run_id, None)
        if kept is not None:
            self._bytes -= kept[1]

    def __len__(self) -> int:
        return len(self._kept)
