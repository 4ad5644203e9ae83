"""Recorded histories: the bytes of a stream's events, one per line, and beside them what they fold to.

A recording is never changed: it stands for the runs of earlier releases, which every later one must be able to read.
`python -m tests.replay.recording` records the scenarios that have no file yet.
"""

from pathlib import Path

from libs.contracts.codec import Json, JsonObject, dump_json, parse_json
from libs.contracts.envelope import Event, encode
from libs.contracts.payload import Payload
from libs.contracts.registry import decode
from services.engine.domain.evolve import evolve
from services.engine.domain.history import history_of
from services.engine.domain.run_state import RunState
from services.engine.domain.views import paths_view, run_view
from services.engine.domain.workflows import WorkflowState, evolve_workflow

HISTORIES = Path(__file__).parent / "histories"


def names() -> list[str]:
    return sorted(path.stem for path in HISTORIES.glob("*.jsonl"))


def recorded_events(name: str) -> list[bytes]:
    return (HISTORIES / f"{name}.jsonl").read_bytes().splitlines()


def pinned(name: str) -> Json:
    return parse_json((HISTORIES / f"{name}.json").read_bytes())


def folded(stream: list[bytes]) -> JsonObject:
    """What these events say of their run or workflow, as JSON."""
    events = [decode(raw) for raw in stream]
    return _workflow(events) if events[0].type == "workflow.created" else _run(events)


def record(name: str, events: list[Event[Payload]]) -> None:
    """Writes a new recording; an old one stays as it is."""
    stream = [encode(event) for event in events]
    if (HISTORIES / f"{name}.jsonl").exists():
        return
    HISTORIES.mkdir(exist_ok=True)
    (HISTORIES / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in stream))
    (HISTORIES / f"{name}.json").write_bytes(dump_json(folded(stream)) + b"\n")


def _run(events: list[Event[Payload]]) -> JsonObject:
    state: RunState | None = None
    for event in events:
        state = evolve(state, event)
    assert state is not None
    return {
        "run": run_view(state),
        "outputs": state.ending.outputs if state.ending else None,
        "paths": paths_view(state),
        "variables": {name: dict(path.variables) for name, path in sorted(state.paths.items())},
        "open": [*sorted(state.open)],
        "version": state.version,
        "steps": [row.wire() for row in history_of(events).rows.values()],
    }


def _workflow(events: list[Event[Payload]]) -> JsonObject:
    state: WorkflowState | None = None
    for event in events:
        state = evolve_workflow(state, event)
    assert state is not None
    fields = {name: value for name, value in state._asdict().items() if not name.endswith("_at")}
    return {**fields, "changed": state.created_at != state.updated_at}


if __name__ == "__main__":
    from tests.replay.scenarios import SCENARIOS

    for scenario, play in SCENARIOS.items():
        record(scenario, play())
