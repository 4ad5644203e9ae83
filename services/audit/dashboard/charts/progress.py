"""How far steps are: how often each ran into which state, summed over any number of steps."""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from services.audit.dashboard.charts.durations import count_text

StepState = Literal["pending", "scheduled", "running", "completed", "failed", "closed"]
Counts: TypeAlias = Mapping[StepState, int]
Progress: TypeAlias = Mapping[str, Counts]
"""By step name. A step that is missing has not been reached: it is pending, once."""

URGENCY: tuple[StepState, ...] = ("failed", "running", "scheduled", "closed", "pending", "completed")
"""A step, or a fold of many, shows the first of these that any of its invocations is in."""

_UNREACHED: Counts = {"pending": 1}


def summed(names: Iterable[str], progress: Progress) -> Counts:
    """The counts of all these steps together."""
    return total([progress.get(name) or _UNREACHED for name in names])


def total(several: Iterable[Counts]) -> Counts:
    """The counts added up; states with none are left out."""
    sums = dict.fromkeys(URGENCY, 0)
    for counts in several:
        for state, count in counts.items():
            sums[state] += count
    return {state: count for state, count in sums.items() if count > 0}


def state_of(counts: Counts) -> StepState:
    """The most urgent state."""
    return next((state for state in URGENCY if counts.get(state)), "pending")


def done_text(counts: Counts) -> str:
    """`37 / 40` for what ran or will run several times; nothing for what is there once."""
    total = sum(counts.values())
    return f"{count_text(counts.get('completed', 0))} / {count_text(total)}" if total > 1 else ""


def states_text(counts: Counts) -> str:
    """`2 failed, 37 completed`, or the bare state of what is there once."""
    if sum(counts.values()) <= 1:
        return state_of(counts)
    return ", ".join(f"{count_text(counts[state])} {state}" for state in URGENCY if counts.get(state))
