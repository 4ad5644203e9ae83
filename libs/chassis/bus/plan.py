"""What becomes of the records of one batch, before anything is done: handled, kept, dropped, or set aside.

Pure but for the ids of newly parked streams. The hot path is a lookup and a comparison per record; everything else is
rare.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from libs.chassis.bus.batch import Heard, Record
from libs.chassis.bus.parking import Kept, Parked, ParkedFor, keep_part, park_part, touch_part
from libs.chassis.bus.positions import Place
from libs.chassis.bus.sequences import Seen
from libs.chassis.db.statement import Part
from libs.chassis.ids import new_id

Key = tuple[Place, str]
"""A stream in a partition."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A record that came although records before it did not; `last` is the sequence that was seen before."""

    item: Heard
    last: int

    def __str__(self) -> str:
        return f"expected sequence {self.last + 1} of {self.item.event.subject}, but got {self.item.event.sequence}"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that will not be handled, with the reason that its dead letter gives."""

    record: Record
    reason: str
    error: str
    tries: int = 1


@dataclass(slots=True)
class Plan:
    """`heard` is for the handler. The rest is written with it: what is `kept`, and the streams `parked` by then."""

    heard: list[Heard] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    parked: dict[Key, Parked] = field(default_factory=dict)
    seen: dict[Place, dict[str, Seen]] = field(default_factory=dict)

    def park(self, item: Heard, reason: ParkedFor, error: str, *, dead_lettered: bool = False) -> None:
        """Parks the stream of a record at that record."""
        place, stream = place_of(item), item.event.subject
        if "\0" in stream:  # the database could not hold its name, and no stream of ours has such a one
            return self.aside.append(SetAside(item.record, reason, error))
        done = item.event.sequence - 1 if reason == "handler_failed" else self.gaps[-1].last
        self.parked[place, stream] = Parked(new_id("park"), place, stream, reason, error, done)
        self.kept.append(Kept.of(item, dead_lettered=dead_lettered))

    def keep(self, item: Heard, parked: Parked) -> None:
        """Keeps a record of a parked stream; one that was missed lets the stream go on."""
        key = (place_of(item), item.event.subject)
        if key not in self.parked:
            parked = replace(parked, version=parked.version + 1)
        if parked.reason == "sequence_gap" and item.event.sequence == parked.done + 1:
            parked = replace(parked, wanted=parked.wanted or "go_on")
        self.parked[key] = parked
        self.kept.append(Kept.of(item))

    @property
    def newly_parked(self) -> list[Parked]:
        return [one for one in self.parked.values() if one.version == 1]

    def parts(self) -> list[Part]:
        """What is written of parking and keeping."""
        new = self.newly_parked
        old = [one for one in self.parked.values() if one.version > 1]
        parts = [park_part(new)] if new else []
        parts += [touch_part(old)] if old else []
        return [*parts, keep_part(self.kept)] if self.kept else parts


Last = Callable[[str], Seen | None]
Skipped = Mapping[str, Mapping[int, Record]]
"""Records that could not be decoded but name their place: they count as seen, since their dead letters are kept."""


def sort(  # one loop on purpose: it runs for every record
    plan: Plan,
    items: Sequence[Heard],
    last_of: Last,
    parked: Mapping[str, Parked],
    forgiven: Collection[str],
    skipped: Skipped,
) -> None:
    """Sorts decoded records of one partition into the plan. A gap in a `forgiven` stream, or one that is made of
    `skipped` records, is none."""
    seen = plan.seen.setdefault(place_of(items[0]), {})
    for item in items:
        event = item.event
        stream, sequence = event.subject, event.sequence
        if (parked or plan.parked) and _kept(plan, item, parked):
            continue
        last = seen.get(stream) or last_of(stream)
        if (
            last is None
            or sequence == last[0] + 1
            or (sequence > last[0] and _excused(item, last[0], forgiven, skipped))
        ):
            seen[stream] = (sequence, hash(item.record.value))
            plan.heard.append(item)
        elif sequence > last[0]:
            plan.gaps.append(Gap(item, last[0]))
            plan.park(item, "sequence_gap", str(plan.gaps[-1]))
        elif sequence == last[0] and hash(item.record.value) != last[1]:
            error = f"expected {event.id} to say the same as before, but its bytes are others"
            plan.aside.append(SetAside(item.record, "sequence_conflict", error))


def pass_over(plan: Plan, place: Place, last_of: Last, skipped: Skipped) -> None:
    """Counts skipped records as seen where they come next in their streams."""
    seen = plan.seen.setdefault(place, {})
    for stream, records in skipped.items():
        for sequence, record in sorted(records.items()):
            last = seen.get(stream) or last_of(stream)
            if last is not None and sequence == last[0] + 1:
                seen[stream] = (sequence, hash(record.value))


def _excused(item: Heard, last: int, forgiven: Collection[str], skipped: Skipped) -> bool:
    stream, sequence = item.event.subject, item.event.sequence
    here = skipped.get(stream, {})
    return stream in forgiven or sequence - last - 1 == sum(last < number < sequence for number in here)


def _kept(plan: Plan, item: Heard, parked: Mapping[str, Parked]) -> bool:
    known = plan.parked.get((place_of(item), item.event.subject)) or parked.get(item.event.subject)
    if known is not None:
        plan.keep(item, known)
    return known is not None


def place_of(item: Heard) -> Place:
    """The partition of a record."""
    return item.record.topic, item.record.partition
