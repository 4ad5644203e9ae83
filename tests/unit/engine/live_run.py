"""A run that is driven by hand: commands in, events out and folded, and small builders for specs."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunCompleted, RunFailed, StepCompleted, StepFailed, StepScheduled
from libs.contracts.payload import Payload
from libs.contracts.schema_gate import compile_schema
from services.engine.domain.actions import ActionContract, Catalog
from services.engine.domain.commands import RecordFailure, RecordResult, RunCommand, StartRun
from services.engine.domain.decide import Decision, decide
from services.engine.domain.draft import SOURCE
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import OpenStep, RunState

RUN_ID = "run_01jz8m3k5x7e2v9q4t6y8w0abc"
PROJECT = "default"
START = datetime(2030, 1, 31, 9, 30, tzinfo=UTC)

STRICT = compile_schema(
    {
        "type": "object",
        "required": ["doc_id"],
        "properties": {"doc_id": {"type": "string"}},
        "additionalProperties": False,
    }
)
CATALOG: Mapping[str, ActionContract] = {
    "work": ActionContract("work", endpoint_url="https://example.test/work"),
    "summarize-document": ActionContract(
        "summarize-document", input_gate=STRICT, endpoint_url="https://example.test/s"
    ),
    "no-endpoint": ActionContract("no-endpoint"),
    "slack.post-message": ActionContract("slack.post-message", owner="platform"),
}


class LiveRun:
    """`events` is the run's stream; a second passes before each command."""

    def __init__(self, catalog: Catalog = CATALOG, run_id: str = RUN_ID) -> None:
        self.catalog = catalog
        self.run_id = run_id
        self.now = START
        self.events: list[Event[Payload]] = []
        self._state: RunState | None = None

    @property
    def state(self) -> RunState:
        assert self._state is not None
        return self._state

    def tell(self, command: RunCommand) -> Decision:
        self.now += timedelta(seconds=1)
        decision = decide(self._state, command, self.now, self.catalog)
        if not isinstance(decision, Rejected):
            for payload in decision:
                sequence = len(self.events) + 1
                event = Event(SOURCE, self.run_id, sequence, self.run_id, PROJECT, self.now, payload)
                self.events.append(event)
                self._state = evolve(self._state, event)
        return decision

    def start(
        self, spec: JsonObject, inputs: "JsonObject | None" = None, definition_id: str | None = None
    ) -> list[Payload]:
        command = StartRun(self.run_id, PROJECT, spec, inputs=inputs or {}, definition_id=definition_id)
        return self._accepted(self.tell(command))

    def complete(self, step: str, result: Json = None, path: str = "main") -> list[Payload]:
        return self._accepted(self.tell(RecordResult(self.open(step, path).invocation_id, result)))

    def fail(self, step: str, error_type: str = "Boom", path: str = "main") -> list[Payload]:
        command = RecordFailure(self.open(step, path).invocation_id, error_type, "it broke")
        return self._accepted(self.tell(command))

    def open(self, step: str, path: str = "main") -> OpenStep:
        found = [one for one in self.state.open.values() if (one.step, one.path) == (step, path)]
        assert len(found) == 1, f"expected {step} to be open on {path}, but open are {sorted(self.open_steps)}"
        return found[0]

    @property
    def open_steps(self) -> set[tuple[str, str]]:
        return {(one.path, one.step) for one in self.state.open.values()}

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    @property
    def scheduled(self) -> list[StepScheduled]:
        return [event.data for event in self.events if isinstance(event.data, StepScheduled)]

    @staticmethod
    def _accepted(decision: Decision) -> list[Payload]:
        assert not isinstance(decision, Rejected), decision
        return decision


def spec(*steps: JsonObject, **more: Json) -> JsonObject:
    return {"name": "flow", "steps": list(steps), **more}


def step(name: str, action: str = "work", **more: Json) -> JsonObject:
    return {"name": name, "action": action, **more}


def edge(to: str, condition: str | None = None, branch: str | None = None) -> JsonObject:
    fields: dict[str, Json] = {"step": to, "condition": condition, "branch": branch}
    return {name: value for name, value in fields.items() if value is not None}


def started(spec: JsonObject, inputs: "JsonObject | None" = None, catalog: Catalog = CATALOG) -> LiveRun:
    run = LiveRun(catalog)
    run.start(spec, inputs)
    return run


def completion(payloads: list[Payload]) -> StepCompleted:
    assert isinstance(payloads[0], StepCompleted)
    return payloads[0]


def failure(payloads: list[Payload]) -> StepFailed:
    found = [payload for payload in payloads if isinstance(payload, StepFailed)]
    assert len(found) == 1
    return found[0]


def end(run: LiveRun) -> RunCompleted | RunFailed:
    last = run.events[-1].data
    assert isinstance(last, RunCompleted | RunFailed), run.types
    return last
