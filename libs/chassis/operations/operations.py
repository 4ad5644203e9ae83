"""The handlers of an operator's routes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, cast

import structlog

from libs.chassis.clock import format_time
from libs.chassis.db.link import Link, Row
from libs.chassis.db.queries import load_queries
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.http import NOT_FOUND, Answer, Call, Json, Page, decode_cursor, encode_cursor
from libs.chassis.http.errors import forbidden
from libs.chassis.operations.models import (
    DeadLettersPage,
    DeadLetterView,
    KeptRecordView,
    ParkedStreamDetail,
    ParkedStreamsPage,
    ParkedStreamView,
    ResumeBody,
)
from libs.contracts.codec import parse_own_json
from libs.contracts.envelope import Event
from libs.contracts.events.shared import RecordDeadLettered
from libs.contracts.registry import decode

QUERIES = load_queries(__package__)
RECORDS_SHOWN = 20
MOST_SHOWN_BYTES = 16_384

BOUND_KEY: Final = forbidden("expected a key of the whole installation, but this one is bound to a project")

log = structlog.get_logger(__name__)


class Operations:
    """Component. One connection, opened when somebody first asks."""

    def __init__(self, service: str, postgres_url: str) -> None:
        self._link = Link(postgres_url, f"{service}-operations")

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        await self._link.close()

    def ready(self) -> str | None:
        return None

    async def list_parked(self, call: Call[None, Page]) -> Answer:
        after = _after(call)
        if isinstance(after, Rejected):
            return after
        rows = await self._link.rows(QUERIES["list_parked"], after, None, call.query.limit + 1)
        page, cursor = _page(rows, call.query.limit, "id")
        items = [ParkedStreamView(**_parked(row)) for row in page]  # type: ignore[arg-type]
        return Json(200, ParkedStreamsPage(items=items, has_more=cursor is not None, next_cursor=cursor))

    async def show_parked(self, call: Call[None, None]) -> Answer:
        if call.principal.project is not None:
            return BOUND_KEY
        return await self._shown(call.params["parked_stream"], 200)

    async def resume(self, call: Call[ResumeBody, None]) -> Answer:
        if call.principal.project is not None:
            return BOUND_KEY
        parked_id, offset, who = call.params["parked_stream"], call.body.discard_offset, call.principal.key_id
        asked = await self._link.rows(QUERIES["ask_to_go_on"], parked_id, offset, who)
        assert reached("resume_asked")
        answer = await self._shown(parked_id, 202)
        if not asked and isinstance(answer, Json):
            sentence = f"expected the first kept record at offset {offset}, but it is another"
            return Rejected("invalid_state", sentence, field="discard_offset")
        if asked:
            log.warning("parked_stream_asked_to_go_on", id=parked_id, discard_offset=offset, asked_by=who)
        return answer

    async def list_dead_letters(self, call: Call[None, Page]) -> Answer:
        after = _after(call)
        if isinstance(after, Rejected):
            return after
        rows = await self._link.rows(QUERIES["list_dead_letters"], after, call.query.limit + 1)
        page, cursor = _page(rows, call.query.limit, "stream")
        items = [_letter(cast(Event[RecordDeadLettered], decode(row["event"]))) for row in page]
        return Json(200, DeadLettersPage(items=items, has_more=cursor is not None, next_cursor=cursor))

    async def _shown(self, parked_id: str, status: int) -> Answer:
        row = await self._link.row(QUERIES["list_parked"], None, parked_id, 1)
        if row is None:
            return NOT_FOUND
        kept = await self._link.rows(QUERIES["show_kept"], parked_id, MOST_SHOWN_BYTES, RECORDS_SHOWN)
        records = [_kept(one) for one in kept]
        return Json(status, ParkedStreamDetail(**_parked(row), records=records))  # type: ignore[arg-type]


def _after(call: Call[None, Page]) -> str | None | Rejected:
    """Where the page begins, or why there is none."""
    if call.principal.project is not None:
        return BOUND_KEY
    if call.query.cursor is None:
        return None
    position = decode_cursor(call.query.cursor, (str,))
    return position if isinstance(position, Rejected) else str(position[0])


def _page(rows: Sequence[Row], limit: int, column: str) -> tuple[Sequence[Row], str | None]:
    page = rows[:limit]
    return page, encode_cursor(page[-1][column]) if len(rows) > limit else None


def _parked(row: Row) -> dict[str, object]:
    same = ("id", "topic", "partition", "stream", "reason", "error", "done_sequence", "first_offset")
    found: dict[str, object] = {name: row[name] for name in same}
    found.update(parked_at=format_time(row["parked_at"]), kept_records=row["kept"])
    return {**found, "going_on": row["wanted"] is not None}


def _kept(row: Row) -> KeptRecordView:
    return KeptRecordView(
        offset=row["record_offset"],
        sequence=row["sequence"],
        published_at=format_time(datetime.fromtimestamp(row["timestamp_ms"] / 1000, UTC)),
        dead_lettered=row["dead_lettered"],
        bytes=row["bytes"],
        event=None if row["value"] is None else parse_own_json(row["value"]),
    )


def _letter(event: Event[RecordDeadLettered]) -> DeadLetterView:
    said = event.data
    return DeadLetterView(
        topic=said.topic,
        partition=said.partition,
        offset=said.offset,
        reason=said.reason,
        error=said.error,
        tries=said.tries,
        set_aside_at=format_time(event.time),
    )
