"""What a consumer knows of the streams in the partitions that it holds: what was seen last, and which are parked."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from libs.chassis.bus.batch import Heard
from libs.chassis.bus.parking import Parked, by_place
from libs.chassis.bus.plan import Last, Plan, Skipped, pass_over, place_of, sort
from libs.chassis.bus.positions import Place
from libs.chassis.bus.sequences import Seen, SequenceMemory

_NONE_PARKED: Mapping[str, Parked] = {}
_NONE_SKIPPED: Skipped = {}


class Streams:
    """True as long as each partition is consumed here alone; `begin` makes it true again."""

    def __init__(self) -> None:
        self._memories: dict[Place, SequenceMemory] = {}
        self._parked: dict[Place, dict[str, Parked]] = {}
        self.hurried = False
        """Whether a record that was missing has come: its stream can go on now."""

    def begin(self, offsets: Mapping[Place, int], parked: Sequence[Parked]) -> None:
        """These partitions go on at these offsets. What is remembered of one stays true at the offset it stands at."""
        self.set_parked(offsets, parked)
        for place, offset in offsets.items():
            memory = self._memories.get(place)
            if memory is None or memory.next_offset != offset:
                self._memories[place] = SequenceMemory(offset)

    def set_parked(self, places: Collection[Place], parked: Sequence[Parked]) -> None:
        """What is parked in these partitions, as the database says."""
        found = by_place(parked)
        for place in places:
            self._parked.pop(place, None)
            if place in found:
                self._parked[place] = found[place]
        self.hurried = self.hurried or any(one.wanted for one in parked)

    def plan(self, items: Sequence[Heard], skipped: Mapping[Place, Skipped], forgiven: Collection[str] = ()) -> Plan:
        """What becomes of decoded records, which come partition by partition."""
        plan = Plan()
        for place, group in groupby(items, key=place_of):
            parked = self._parked.get(place, _NONE_PARKED)
            sort(plan, list(group), self._last_of(place), parked, forgiven, skipped.get(place, _NONE_SKIPPED))
        for place, records in skipped.items():
            pass_over(plan, place, self._last_of(place), records)
        return plan

    def _last_of(self, place: Place) -> Last:
        memory = self._memories.get(place)
        return memory.last if memory is not None else _unknown

    def committed(self, plan: Plan, offsets: Mapping[Place, int]) -> None:
        """The plan took effect, and the partitions moved on."""
        for place, offset in offsets.items():
            memory = self._memories.setdefault(place, SequenceMemory(offset))
            memory.remember(plan.seen.get(place, {}))
            memory.next_offset = offset
        for (place, stream), parked in plan.parked.items():
            self._parked.setdefault(place, {})[stream] = parked
            self.hurried = self.hurried or parked.wanted is not None

    def replaced(self, parked: Parked) -> None:
        """A parked stream as it is now."""
        self._parked.setdefault(parked.place, {})[parked.stream] = parked

    def unparked(self, parked: Parked, last: Seen | None) -> None:
        """The stream goes on behind what was seen `last`."""
        here = self._parked.get(parked.place, {})
        here.pop(parked.stream, None)
        if not here:
            self._parked.pop(parked.place, None)
        if last is not None and parked.place in self._memories:
            self._memories[parked.place].remember({parked.stream: last})

    def parked_in(self, places: Collection[Place]) -> int:
        """How many streams are parked in these partitions."""
        return sum(len(self._parked.get(place, ())) for place in places) if self._parked else 0


def _unknown(_stream: str) -> None:
    """A partition without memory: every stream is new."""
