"""Decides which events may go out now so that every stream stays in order. Pure but for its own memory.

Two transactions can commit in one order and wake up in the other; another replica can commit the event between two of
ours. So an event goes out only behind its predecessor; on a gap the shard is read back from the outbox.
"""

from collections import OrderedDict
from collections.abc import Iterable

from libs.chassis.journal.entry import Entry

REMEMBERED_STREAMS = 100_000


class Sequencer:
    """One shard's memory of what was published, bounded to the streams seen last."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, int] = OrderedDict()

    def admit(self, offered: Iterable[Entry]) -> tuple[list[Entry], bool]:
        """The entries that may go out, in order, and whether something is missing and has to be read back."""
        ready: list[Entry] = []
        gap = False
        ahead: dict[str, int] = {}
        for entry in offered:
            stream, sequence = entry.event.subject, entry.event.sequence
            last = ahead.get(stream, self._last.get(stream, 0))
            if sequence == last + 1:
                ready.append(entry)
                ahead[stream] = sequence
            elif sequence > last:
                gap = True
        return ready, gap

    def trust(self, read_back: Iterable[Entry]) -> list[Entry]:
        """What is read back comes complete and in order: all may go out but what already did."""
        return [entry for entry in read_back if entry.event.sequence > self._last.get(entry.event.subject, 0)]

    def published(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._last[entry.event.subject] = entry.event.sequence
            self._last.move_to_end(entry.event.subject)
        while len(self._last) > REMEMBERED_STREAMS:
            self._last.popitem(last=False)
