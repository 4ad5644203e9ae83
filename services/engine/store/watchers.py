"""Who watches runs right now, and what they have not been told yet.

A watch is registered before its run is read from the journal, so that nothing falls between; what was committed
meanwhile is compared by sequence, so that nothing is told twice. A gap in the sequence (another replica wrote) is
filled from the journal by the tail reader.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from libs.chassis.journal.entry import Entry
from libs.chassis.loops.signals import Signal
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload


class FellBehind(Exception):
    """The watcher takes events more slowly than they come. It may come back with the last sequence it has seen."""


Kinds: TypeAlias = "tuple[type[Payload], ...]"
EVERYTHING: Kinds = (Payload,)


class Watch:
    """One reader of one run. `begin`, then `next` one after the other. Only events of `kinds` are worth waking it."""

    def __init__(self, run_id: str, most: int, gap: Callable[[], None], kinds: Kinds) -> None:
        self.run_id = run_id
        self._kinds = kinds
        self.seen: int | None = None
        """The sequence of the last event that was told or queued; None until it has begun."""
        self._most = most
        self._gap = gap
        self._waiting: list[Event[Payload]] = []
        self._arrived = Signal()
        self._lost = False

    def begin(self, seen: int) -> None:
        """The events up to `seen` were read from the journal."""
        early, self._waiting, self.seen = self._waiting, [], seen
        if not self._lost:
            self._arrived.clear()
        self.tell(sorted(early, key=lambda event: event.sequence))

    def tell(self, events: Iterable[Event[Payload]]) -> None:
        """Queues what comes next in the stream; what was seen is dropped."""
        for event in events:
            if len(self._waiting) >= self._most:
                self._lost = True
            elif self.seen is None:
                self._waiting.append(event)
            elif event.sequence == self.seen + 1:
                self.seen = event.sequence
                if isinstance(event.data, self._kinds):
                    self._waiting.append(event)
            elif event.sequence > self.seen:
                self._gap()
        if self._waiting or self._lost:
            self._arrived.set()

    @property
    def arrived(self) -> Signal:
        """Set when `next` would not wait."""
        return self._arrived

    async def next(self) -> list[Event[Payload]]:
        """Waits for events and answers all that are there. Raises `FellBehind`."""
        while not self._waiting:
            if self._lost:
                raise FellBehind(f"expected {self.run_id} to be followed, but {self._most} events waited")
            await self._arrived.wait()
        taken, self._waiting = self._waiting, []
        if not self._lost:
            self._arrived.clear()
        return taken


class Watchers:
    """All watches of this process, by run."""

    def __init__(self, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._watches: dict[str, set[Watch]] = {}
        self.on_gap: Callable[[], None] = lambda: None

    def _gap(self) -> None:
        self.on_gap()

    def watch(self, run_id: str, kinds: Kinds = EVERYTHING) -> Watch:
        """Registers. Has to be given back with `leave`."""
        watch = Watch(run_id, self._most_waiting, self._gap, kinds)
        self._watches.setdefault(run_id, set()).add(watch)
        return watch

    @contextmanager
    def watching(self, run_id: str, kinds: Kinds) -> Iterator[Watch]:
        """A watch for as long as the context lives."""
        watch = self.watch(run_id, kinds)
        try:
            yield watch
        finally:
            self.leave(watch)

    def leave(self, watch: Watch) -> None:
        same = self._watches.get(watch.run_id, set())
        same.discard(watch)
        if not same:
            self._watches.pop(watch.run_id, None)

    def tell(self, appended: Iterable[Entry]) -> None:
        """Events that were just committed here; nearly always nobody watches."""
        if self._watches:
            self.hear([entry.event for entry in appended])

    def hear(self, events: Iterable[Event[Payload]]) -> None:
        """Events in the order of their streams, wherever they were committed."""
        for event in events:
            for watch in self._watches.get(event.subject, ()):
                watch.tell([event])

    def seen(self) -> Mapping[str, int]:
        """By run, the least that one of its watches has seen."""
        begun = {
            run_id: [watch.seen for watch in same if watch.seen is not None] for run_id, same in self._watches.items()
        }
        return {run_id: min(seen) for run_id, seen in begun.items() if seen}
