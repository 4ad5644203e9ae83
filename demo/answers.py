"""What the demo reads of Mobius' answers, as frozen models. Fields that it does not need are let through."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue

from libs.contracts.codec import Json, parse_json


class Answer(BaseModel):
    """Any answer of the API."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Page(Answer):
    """One page of a list; `next_cursor` asks for the next one."""

    items: list[dict[str, JsonValue]]
    has_more: bool = False
    next_cursor: str | None = None


class Registered(Answer):
    """An action as it was answered to its registration."""

    id: str
    name: str
    signing_secret: str | None = None


class Workflow(Answer):
    """A saved workflow definition."""

    id: str
    name: str


class Step(Answer):
    """One attempt of a step: `kind` is `worker_action` or `server_action`."""

    id: str
    step_name: str
    action: str
    kind: str
    status: str
    attempt: int
    result_b64: str | None = None
    error_message: str | None = None

    def result(self) -> Json:
        """What the action gave, or None."""
        return parse_json(base64.b64decode(self.result_b64)) if self.result_b64 else None


class Run(Answer):
    """One run with its steps; those are only in the answer to a question for one run."""

    id: str
    status: str
    created_at: datetime
    completed_at: datetime | None = None
    error_message: str | None = None
    steps: list[Step] = []

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "failed")

    @property
    def seconds(self) -> float:
        """From the request to the end; 0 while it runs."""
        return (self.completed_at - self.created_at).total_seconds() if self.completed_at else 0.0

    def result_of(self, step_name: str) -> Mapping[str, Json]:
        """The result of the last attempt of a step; empty while there is none."""
        results = [step.result() for step in self.steps if step.step_name == step_name and step.status == "completed"]
        return results[-1] if results and isinstance(results[-1], dict) else {}


class Job(Answer):
    """A job of a run."""

    id: str
    action: str
    status: str
    attempt: int
    claimed_by: str | None = None


class AuditEntry(Answer):
    """One invocation in the action audit log."""

    id: str
    action_name: str
    status: str
    retry_count: int
    started_at: datetime
    finished_at: datetime
    run_id: str | None = None
    step_name: str | None = None
    parameters: dict[str, JsonValue] = {}
    error_type: str | None = None
    error_message: str | None = None

    @property
    def milliseconds(self) -> float:
        return (self.finished_at - self.started_at).total_seconds() * 1000


class WorkerSession(Answer):
    """A worker that has polled lately."""

    worker_instance_id: str
    name: str | None = None
    stale: bool = False
