"""The action audit log over HTTP."""

from typing import Literal

from pydantic import BaseModel, Field

from libs.chassis.clock import format_time
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Json, Page, decode_moment, encode_moment
from libs.contracts.codec import parse_json
from libs.contracts.payload import JsonValue
from services.audit.domain.invocations import Invocation
from services.audit.store.invocations import Filter, list_invocations


class LogQuery(Page):
    run_id: str | None = Field(None, max_length=256, description="Only invocations of this run.")
    action_name: str | None = Field(None, max_length=256, description="Only invocations of this action.")
    status: Literal["success", "failed"] | None = Field(None, description="Only invocations that ended so.")


class LogEntry(BaseModel):
    """One invocation on the wire."""

    id: str
    run_id: str
    step_name: str
    action_name: str
    source: str
    parameters: JsonValue
    output_summary: JsonValue = None
    status: str
    retry_count: int
    started_at: str
    finished_at: str
    error_type: str | None = None
    error_message: str | None = None


class LogPage(BaseModel):
    """A page of the log."""

    items: list[LogEntry]
    has_more: bool
    next_cursor: str | None = None


class ActionLog:
    """The handler of `listActionAuditLog`."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def list(self, call: Call[None, LogQuery]) -> Answer:
        query = call.query
        wanted = _filter(call.project, query)
        if isinstance(wanted, Rejected):
            return wanted
        found = await list_invocations(self._reads, wanted, query.limit + 1)
        page, has_more = found[: query.limit], len(found) > query.limit
        last = page[-1] if has_more else None
        cursor = encode_moment(last.finished_at, last.id) if last else None
        return Json(200, LogPage(items=[_entry(row) for row in page], has_more=has_more, next_cursor=cursor))


def _filter(project: str, query: LogQuery) -> Filter | Rejected:
    after = None if query.cursor is None else decode_moment(query.cursor)
    if isinstance(after, Rejected):
        return after
    return Filter(project, query.run_id, query.action_name, query.status, after)


def _entry(row: Invocation) -> LogEntry:
    return LogEntry(
        id=row.id,
        run_id=row.run_id,
        step_name=row.step_name,
        action_name=row.action_name,
        source="workflow",
        parameters=parse_json(row.parameters),
        output_summary=None if row.output_summary is None else parse_json(row.output_summary),
        status=row.status,
        retry_count=row.retry_count,
        started_at=format_time(row.started_at),
        finished_at=format_time(row.finished_at),
        error_type=row.error_type,
        error_message=row.error_message,
    )
