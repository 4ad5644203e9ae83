"""What was seen last of each stream of a partition: enough to tell the next record from a gap and from a repeat.

It lives in memory, is brought up to date after each commit, and is true only at the offset that it stands at: a
partition that was consumed elsewhere meanwhile begins with none. The first record of a stream that nothing is known of
is trusted. Of earlier records than the last only the sequence is known, so they are repeats whatever they say.
"""

from collections import OrderedDict
from collections.abc import Mapping

REMEMBERED_STREAMS = 20_000
"""Per partition, those seen last: about 6 MB."""

Seen = tuple[int, int]
"""A sequence, and the hash of the bytes that had it."""


class SequenceMemory:
    """The memory of one partition, as it stands before `next_offset`."""

    def __init__(self, next_offset: int) -> None:
        self.next_offset = next_offset
        self._last: OrderedDict[str, Seen] = OrderedDict()
        self.last = self._last.get

    def remember(self, seen: Mapping[str, Seen]) -> None:
        """Takes over what was just committed, and forgets the streams that were seen longest ago."""
        for stream, last in seen.items():
            self._last[stream] = last
            self._last.move_to_end(stream)
        while len(self._last) > REMEMBERED_STREAMS:
            self._last.popitem(last=False)
