"""A run's events as rows for readers: one row per step attempt, as the wire's RunStep has it."""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from libs.contracts.codec import Json, JsonObject, dump_json
from libs.contracts.envelope import Event, format_time
from libs.contracts.events.engine import (
    RunFailed,
    RunStarted,
    StepCompleted,
    StepFailed,
    StepScheduled,
    StepStarted,
)
from libs.contracts.payload import Payload
from services.engine.domain.definition import Definition, compile_spec
from services.engine.domain.invocation_ids import step_id
from services.engine.domain.states import STEP, StepHappening, StepStatus

RowKind = Literal["worker_action", "server_action", "control"]
ROW_KINDS: dict[str, RowKind] = {"worker": "worker_action", "server": "server_action"}


class StepRow(NamedTuple):
    """One attempt of one step on one path. `attempt` counts from 0 as on the wire; `transition_seq` is the sequence of
    the event that made the row, so that rows keep their order."""

    id: str
    run_id: str
    path_id: str
    step_name: str
    action: str
    attempt: int
    transition_seq: int
    kind: RowKind
    status: StepStatus
    parameters: JsonObject
    created_at: datetime
    updated_at: datetime
    job_id: str | None = None
    result_b64: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None

    def wire(self) -> JsonObject:
        """The row as the API answers it: absent fields left out, times in RFC 3339."""
        row: JsonObject = {name: _wire(value) for name, value in self._asdict().items() if value is not None}
        return {**row, "source": "executed"}


class History:
    """The rows of one run, folded event by event; `add` says which rows an event has made or changed."""

    def __init__(self) -> None:
        self.rows: dict[str, StepRow] = {}
        self._by_invocation: dict[str, str] = {}
        self._definition: Definition | None = None

    def add(self, event: Event[Payload]) -> list[StepRow]:
        changed = self._changed(event)
        self.rows.update((row.id, row) for row in changed)
        return changed

    def of_invocation(self, invocation_id: str) -> StepRow | None:
        """The row of the step attempt that this invocation carries out."""
        row_id = self._by_invocation.get(invocation_id)
        return None if row_id is None else self.rows[row_id]

    def _changed(self, event: Event[Payload]) -> list[StepRow]:
        match event.data:
            case RunStarted() as said:
                compiled = compile_spec(said.spec)
                self._definition = compiled if isinstance(compiled, Definition) else None
                return []
            case StepScheduled() as said:
                return [self._scheduled(said, event)]
            case StepStarted() as said:
                return [self._moved(said.invocation_id, "start", event)._replace(started_at=said.claimed_at)]
            case StepCompleted() as said:
                return [self._completed(said, event)]
            case StepFailed() as said:
                return [self._failed(said, event)]
            case RunFailed() as said:
                return [self._moved(one, "close", event)._replace(completed_at=event.time) for one in said.closed]
        return []

    def _scheduled(self, said: StepScheduled, event: Event[Payload]) -> StepRow:
        row = _new(said, said.action, ROW_KINDS[said.kind], STEP[None, "schedule"], event)
        self._by_invocation[said.invocation_id] = row.id
        job_id = said.invocation_id if said.kind == "worker" else None
        return row._replace(parameters=said.parameters, job_id=job_id)

    def _completed(self, said: StepCompleted, event: Event[Payload]) -> StepRow:
        row = self._moved(said.invocation_id, "complete", event)
        return row._replace(
            result_b64=b64encode(dump_json(said.result)).decode(),
            started_at=said.claimed_at or row.started_at,
            completed_at=event.time,
        )

    def _failed(self, said: StepFailed, event: Event[Payload]) -> StepRow:
        row = self._moved(said.invocation_id, "fail", event) if said.invocation_id else self._unscheduled(said, event)
        return row._replace(
            error_type=said.error_type,
            error_message=said.error_message,
            started_at=said.claimed_at or row.started_at,
            completed_at=event.time,
        )

    def _unscheduled(self, said: StepFailed, event: Event[Payload]) -> StepRow:
        assert self._definition is not None
        step = self._definition.steps[said.step]
        return _new(said, step.action, ROW_KINDS[step.kind], STEP[None, "fail"], event)

    def _moved(self, invocation_id: str, happening: StepHappening, event: Event[Payload]) -> StepRow:
        row = self.rows[self._by_invocation[invocation_id]]
        return row._replace(status=STEP[row.status, happening], updated_at=event.time)


def history_of(events: Iterable[Event[Payload]]) -> History:
    """The history of the run whose events these are, in order and from the first one on."""
    history = History()
    for event in events:
        history.add(event)
    return history


def _new(
    said: StepScheduled | StepFailed, action: str, kind: RowKind, status: StepStatus, event: Event[Payload]
) -> StepRow:
    return StepRow(
        id=step_id(event.subject, said.path, said.step, said.attempt),
        run_id=event.subject,
        path_id=said.path,
        step_name=said.step,
        action=action,
        attempt=said.attempt - 1,
        transition_seq=event.sequence,
        kind=kind,
        status=status,
        parameters={},
        created_at=event.time,
        updated_at=event.time,
    )


def _wire(value: object) -> Json:
    if isinstance(value, datetime):
        return format_time(value)
    assert value is None or isinstance(value, bool | int | float | str | list | dict)
    return value
