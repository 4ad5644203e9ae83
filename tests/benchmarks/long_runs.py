"""A step late in a long run beside a step early in one: both cost the same, or history is being carried along."""

from collections.abc import Mapping, Sequence
from statistics import median
from time import perf_counter, process_time

from libs.contracts.codec import JsonObject
from libs.contracts.events.engine import StepScheduled
from services.engine.domain.invocation_ids import invocation_id
from services.engine.domain.limits import STEPS_PER_RUN
from tests.benchmarks.engine_room import EngineRoom, engine_room
from tests.benchmarks.load import STEPS
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.theme import Round, Samples, Theme

LOOP: JsonObject = {"name": "bench-loop", "steps": [{"name": "again", "action": STEPS[0], "next": [{"step": "again"}]}]}
EARLY = 10
MEASURED = 120
LATE = STEPS_PER_RUN - MEASURED - 5
BATCH = 500
RATIO_TARGET = 1.2


async def measure(round_: Round) -> Mapping[str, float]:
    """Milliseconds, and milliseconds of this process's CPU, of a step alone: p50 of steps that take turns."""
    async with engine_room(round_.stage.stack.servers) as room:
        early, late = (await room.begin(LOOP, 1)).scheduled[0], (await room.begin(LOOP, 1)).scheduled[0]
        await _advance(room, early, 1, EARLY)
        await _advance(room, late, 1, LATE)
        taken: dict[str, list[float]] = {"early step": [], "late step": [], "early step cpu": [], "late step cpu": []}
        for turn in range(MEASURED):
            for name, first, at in (("early step", early, EARLY), ("late step", late, LATE)):
                wall, cpu = await _alone(room, first, at + turn)
                taken[name].append(wall * 1_000)
                taken[f"{name} cpu"].append(cpu * 1_000)
    return {name: median(values) for name, values in taken.items()}


def rows(samples: Samples) -> Sequence[Row]:
    title = f"step {STEPS_PER_RUN:,} of a run (raw: step {EARLY})"
    return [
        cost(title, "ms p50", samples["late step"], raw=samples["early step"], ratio_target=RATIO_TARGET),
        cost(
            f"{title}, CPU of the engine",
            "ms p50",
            samples["late step cpu"],
            raw=samples["early step cpu"],
            ratio_target=RATIO_TARGET,
        ),
    ]


def _attempt(first: StepScheduled, attempt: int) -> StepScheduled:
    """The same step when the loop comes to it again: its id says when."""
    again = invocation_id(first.kind, first.run_id, first.path, first.step, attempt)
    return first.model_copy(update={"attempt": attempt, "invocation_id": again})


async def _advance(room: EngineRoom, first: StepScheduled, start: int, end: int) -> None:
    """Completes the attempts from `start` up to, and without, `end`."""
    records = room.completions(_attempt(first, attempt) for attempt in range(start, end))
    for begin in range(0, len(records), BATCH):
        await room.take_in(records[begin : begin + BATCH])


async def _alone(room: EngineRoom, first: StepScheduled, attempt: int) -> tuple[float, float]:
    """Seconds, and CPU seconds, of one step in a batch of its own."""
    records = room.completions([_attempt(first, attempt)])
    began, cpu = perf_counter(), process_time()
    written = await room.take_in(records)
    taken = perf_counter() - began, process_time() - cpu
    if [step.attempt for step in written.scheduled] != [attempt + 1]:
        raise RuntimeError(f"expected attempt {attempt + 1} of {first.run_id} to be next, but {written.scheduled} are")
    return taken


THEME = Theme("long-runs", measure, rows)
