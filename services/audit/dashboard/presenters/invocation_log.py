"""The action log as pages show it: what an address asks for, and rows that can be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast, get_args

from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.http import encode_moment
from libs.chassis.http.errors import bad_request
from services.audit.dashboard.charts.durations import duration_text
from services.audit.dashboard.places import read_moment, read_position, run_path, with_query
from services.audit.dashboard.presenters.action_rows import action_path
from services.audit.dashboard.presenters.schema_rules import cut
from services.audit.dashboard.render import pretty_json
from services.audit.dashboard.visit import Visit
from services.audit.domain.invocations import Invocation, Status
from services.audit.store.invocations import Filter, list_invocations

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
FILTERS: Final = ("run", "action", "step", "status", "since", "until")
BEFORE: Final = "before"
"""Where a page goes on: the position of the last row of the one before."""

MOST_DOCUMENT_BYTES: Final = 16_384
"""Of parameters or output in a row: what is longer is shown as text, by its beginning."""
BRIEF_CHARS: Final = 160


@dataclass(frozen=True, slots=True)
class LogRow:
    """One invocation. `brief` is its one line: why it failed, or what went in and what came out."""

    invocation: Invocation
    action_path: str
    run_path: str
    duration: str
    brief: str
    parameters: str
    output: str | None


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log. `fields` is its filter bar, `refused` why the address asks for nothing that there is."""

    rows: Sequence[LogRow]
    fields: Sequence[tuple[str, str, Sequence[str] | None, str]]
    filtered: bool
    older: str | None
    newest: str | None
    refused: Rejected | None


async def read_log(
    reads: Reads, visit: Visit, path: str, most: int, action: str | None = None, keep: Sequence[str] = ()
) -> Log:
    """What the visit's address asks for, at most `most` rows; of one action only, if it is given. `path` is the page,
    `keep` the parameters of its address that belong to others."""
    asked = {name: visit.query[name] for name in FILTERS if name in visit.query}
    wanted = read_filter(visit.project, visit.query)
    fields = [one for one in filter_fields() if action is None or one[0] != "action"]
    if isinstance(wanted, Rejected):
        return Log((), fields, bool(asked), None, None, wanted)
    if action is not None:
        wanted = replace(wanted, action_name=action)
    found = await list_invocations(reads, wanted, most + 1)
    rows = [log_row(visit, one) for one in found[:most]]
    address = {**{name: visit.query.get(name) for name in keep}, **asked}
    older = None
    if len(found) > most:
        last = found[most - 1]
        older = with_query(path, {**address, BEFORE: encode_moment(last.finished_at, last.id)})
    newest = with_query(path, address) if BEFORE in visit.query else None
    return Log(rows, fields, bool(asked), older, newest, None)


def filter_fields() -> list[tuple[str, str, Sequence[str] | None, str]]:
    """The fields of the filter bar: name, label, choices, an example."""
    return [
        ("run", "Run", None, "run_…"),
        ("action", "Action", None, "its whole name"),
        ("step", "Step", None, "its whole name"),
        ("status", "Status", STATUSES, ""),
        ("since", "Since", None, "2030-01-31 09:30"),
        ("until", "Until (UTC)", None, "2030-01-31T09:30Z"),
    ]


def read_filter(project: str, query: Mapping[str, str]) -> Filter | Rejected:
    """What the address asks for."""
    status = query.get("status")
    if status is not None and status not in STATUSES:
        return bad_request(f"expected one of {', '.join(STATUSES)}, but the status is {cut(status, 64)!r}", "status")
    read = (
        read_moment(query.get("since"), "since"),
        read_moment(query.get("until"), "until"),
        read_position(query.get(BEFORE)),
    )
    refused = next((one for one in read if isinstance(one, Rejected)), None)
    if refused is not None:
        return refused
    since, until, after = cast(tuple[datetime | None, datetime | None, tuple[datetime, str] | None], read)
    if since is not None and until is not None and since >= until:
        return bad_request("expected until to be after since, but it is not", "until")
    names = {"run_id": query.get("run"), "action_name": query.get("action"), "step_name": query.get("step")}
    return Filter(project, status=status, after=after, since=since, until=until, **names)


def log_row(visit: Visit, one: Invocation) -> LogRow:
    """A row for people."""
    took = max(one.finished_at - one.started_at, timedelta())
    return LogRow(
        invocation=one,
        action_path=action_path(visit, one.action_name),
        run_path=run_path(visit, one.run_id),
        duration=duration_text(took),
        brief=brief(one),
        parameters=_document(one.parameters),
        output=None if one.output_summary is None else _document(one.output_summary),
    )


def brief(one: Invocation) -> str:
    """`timeout: expected an answer within 30 s, but …`, or `{"doc_id":"a"} → {"summary":"…"}`."""
    if one.error_type is not None:
        return f"{one.error_type}: {cut(one.error_message or 'nothing more was said', 4 * BRIEF_CHARS)}"
    parts = [part for part in (one.parameters, one.output_summary) if part is not None]
    return " → ".join(cut(part[: 4 * BRIEF_CHARS].decode("utf-8", "ignore"), BRIEF_CHARS) for part in parts)


def log_api(visit: Visit, action: str | None = None) -> str:
    """The path of the API that answers the same, as far as it can filter."""
    names = {"run_id": visit.query.get("run"), "action_name": action or visit.query.get("action")}
    asked = {**names, "status": visit.query.get("status")}
    return with_query(f"/v1/projects/{visit.project}/action-audit-log", asked)


def _document(encoded: bytes) -> str:
    if len(encoded) <= MOST_DOCUMENT_BYTES:
        return pretty_json(encoded)
    beginning = encoded[:MOST_DOCUMENT_BYTES].decode("utf-8", "ignore")
    return f"{beginning}\n… ({len(encoded):,} bytes in all)"
