"""One row of the action audit log, made from the event that ended the invocation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.contracts.codec import Json, JsonObject, dump_json
from libs.contracts.envelope import Event
from libs.contracts.events.dispatcher import InvocationCompleted, InvocationFailed, JobClosed, JobCompleted, JobFailed
from libs.contracts.payload import Payload

Status = Literal["success", "failed"]
PREVIEW_CHARS = 500


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was called, with what, and what came of it."""

    id: str
    project: str
    run_id: str
    step_name: str
    action_name: str
    kind: str
    executed_by: str
    status: Status
    attempt: int
    retry_count: int
    parameters: bytes
    output_summary: bytes | None
    error_type: str | None
    error_message: str | None
    started_at: datetime
    finished_at: datetime


def invocation_from(event: Event[Payload], summary_bytes: int) -> Invocation | None:
    """The invocation that this event ended; None for any other event, and for one that nobody was ever given."""
    data = event.data
    if isinstance(data, JobClosed):
        return _cut_short(event, data)
    if not isinstance(data, JobCompleted | JobFailed | InvocationCompleted | InvocationFailed):
        return None
    failed = isinstance(data, JobFailed | InvocationFailed)
    return Invocation(
        id=data.invocation_id,
        project=event.project,
        run_id=data.run_id,
        step_name=data.step,
        action_name=data.action,
        kind=data.kind,
        executed_by=data.claimed_by,
        status="failed" if failed else "success",
        attempt=data.attempt,
        retry_count=data.retry_count,
        parameters=dump_json(data.parameters),
        output_summary=None if failed else dump_json(summarise(_result(data), summary_bytes)),
        error_type=data.error_type if isinstance(data, JobFailed | InvocationFailed) else None,
        error_message=data.error_message if isinstance(data, JobFailed | InvocationFailed) else None,
        started_at=data.claimed_at,
        finished_at=event.time,
    )


def _cut_short(event: Event[Payload], data: JobClosed) -> Invocation | None:
    """Its run ended while somebody had it, or after somebody had fallen silent: it may have been carried out."""
    if data.claimed_by is None or data.claimed_at is None or data.kind is None:
        return None
    return Invocation(
        id=data.invocation_id,
        project=event.project,
        run_id=data.run_id,
        step_name=data.step,
        action_name=data.action,
        kind=data.kind,
        executed_by=data.claimed_by,
        status="failed",
        attempt=data.attempt,
        retry_count=0,
        parameters=dump_json(data.parameters or {}),
        output_summary=None,
        error_type="run_failed",
        error_message=f"expected {data.claimed_by} to carry it out, but the run ended first: it may have happened",
        started_at=data.claimed_at,
        finished_at=event.time,
    )


def summarise(result: Json, most_bytes: int) -> JsonObject:
    """An object as it is, another value under `value`; what is too long only by its size and its beginning."""
    encoded = dump_json(result)
    if len(encoded) > most_bytes:
        preview = encoded[: 4 * PREVIEW_CHARS].decode("utf-8", "ignore")[:PREVIEW_CHARS]
        return {"truncated": True, "bytes": len(encoded), "preview": preview}
    return result if isinstance(result, dict) else {"value": result}


def _result(data: Payload) -> Json:
    return data.result if isinstance(data, JobCompleted | InvocationCompleted) else None
