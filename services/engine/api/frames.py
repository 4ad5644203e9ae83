"""What watchers of a run are sent: one event of its stream may become several frames."""

from libs.chassis.clock import format_time
from libs.chassis.http import encode_event
from libs.contracts.codec import Json, JsonObject, dump_json
from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunCompleted, RunFailed, RunStarted, StepProgressed
from libs.contracts.payload import Payload
from services.engine.domain.evolve import evolve
from services.engine.domain.history import History
from services.engine.domain.run_state import RunState
from services.engine.domain.views import run_view


class Frames:
    """A run, folded as far as it was told. `frames` of the next event; `seed` of how it stands."""

    def __init__(self) -> None:
        self._state: RunState | None = None
        self._history = History()

    @property
    def state(self) -> RunState:
        assert self._state is not None, "expected a run that has begun"
        return self._state

    def skip(self, event: Event[Payload]) -> None:
        """Folds an event that need not be told."""
        self._state = evolve(self._state, event)
        self._history.add(event)

    def of(self, event: Event[Payload]) -> bytes:
        """Folds the next event; its frames, perhaps none."""
        self._state = evolve(self._state, event)
        rows = self._history.add(event)
        chunks = [_frame("run_step_updated", event.subject, event.sequence, _time(event), row.wire()) for row in rows]
        if isinstance(event.data, StepProgressed):
            chunks.append(_frame("custom", event.subject, event.sequence, _time(event), self._custom(event.data)))
        if isinstance(event.data, RunStarted | RunCompleted | RunFailed):
            chunks.append(_frame("run_updated", event.subject, event.sequence, _time(event), run_view(self.state)))
        return b"".join(chunks)

    def seed(self, sequence: int) -> bytes:
        """How the run stands. `sequence`: what the watcher has seen of it."""
        state = self.state
        return _frame("run_updated", state.facts.run_id, sequence, format_time(state.updated_at), run_view(state))

    def _custom(self, said: StepProgressed) -> JsonObject:
        row = self._history.of_invocation(said.invocation_id)
        view: JsonObject = {
            "kind": "custom",
            "type": said.name,
            "job_id": said.invocation_id,
            "data": said.payload,
            "path_id": said.path,
        }
        return view if row is None else {**view, "step_id": row.id}


def _time(event: Event[Payload]) -> str:
    return format_time(event.time)


def _frame(kind: str, run_id: str, sequence: int, timestamp: str, data: Json) -> bytes:
    whole: JsonObject = {"type": kind, "run_id": run_id, "seq": sequence, "timestamp": timestamp, "data": data}
    return encode_event(dump_json(whole), kind, str(sequence))
