"""Which of the kept records of a parked stream come next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.chassis.bus.batch import Heard
from libs.chassis.bus.parking import Kept, Parked
from libs.chassis.bus.plan import SetAside
from libs.chassis.bus.sequences import Seen
from libs.contracts.registry import Undecodable, decode


@dataclass(slots=True)
class Picked:
    """`settled` are done with once `heard` is handled; `done` is the stream's last sequence then."""

    done: int
    settled: list[Kept] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    last: Seen | None = None


def pick(parked: Parked, kept: Sequence[Kept]) -> Picked:
    """What follows without a gap, in order. Repeats are dropped; where they say something else, they are set aside."""
    picked = Picked(parked.done)
    for place, one in enumerate(kept):
        leaps = place == 0 and parked.wanted == "resume"
        if one.sequence > picked.done + 1 and not leaps:
            break
        if one.sequence > picked.done:
            _take(picked, one)
        elif picked.last is not None and picked.last != (one.sequence, hash(one.record.value)):
            _contradict(picked, one)
        picked.settled.append(one)
    return picked


def _take(picked: Picked, one: Kept) -> None:
    picked.done = one.sequence
    picked.last = (one.sequence, hash(one.record.value))
    try:
        picked.heard.append(Heard(decode(one.record.value), one.record))
    except Undecodable as error:  # an older release knows less
        if not one.dead_lettered:
            picked.aside.append(SetAside(one.record, error.reason, str(error)))


def _contradict(picked: Picked, one: Kept) -> None:
    if not one.dead_lettered:
        error = f"expected {one.stream}:{one.sequence} to say the same as before, but its bytes are others"
        picked.aside.append(SetAside(one.record, "sequence_conflict", error))
