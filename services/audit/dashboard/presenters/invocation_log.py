"""The action log as pages show it: what an address asks for, and rows that can be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from libs.chassis.decider import Rejected
from libs.chassis.http import encode_moment
from services.audit.dashboard.places import (
    action_path,
    api_path,
    kept,
    read_choice,
    read_period,
    read_position,
    run_path,
    with_query,
)
from services.audit.dashboard.presenters.schema_rules import cut
from services.audit.dashboard.presenters.spans import elapsed_text
from services.audit.dashboard.render import pretty_json
from services.audit.dashboard.visit import Visit
from services.audit.domain.invocations import Invocation, Status
from services.audit.store.invocations import Filter

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


def log_of(
    visit: Visit,
    path: str,
    found: Sequence[Invocation] | Rejected,
    most: int,
    keep: Sequence[str] = (),
    *,
    of_one_action: bool = False,
) -> Log:
    """A page of at most `most` rows: one more in what was found shows that there is another. `path` is the page, `keep`
    the parameters of its address that belong to others."""
    asked = kept(visit.query, FILTERS)
    address = {**kept(visit.query, keep), **asked}
    fields = [one for one in filter_fields() if one[0] != "action" or not of_one_action]
    if isinstance(found, Rejected):
        return Log((), fields, bool(asked), None, None, found)
    rows = [log_row(visit, one) for one in found[:most]]
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
        ("since", "Since (UTC)", None, "2030-01-31 09:30"),
        ("until", "Until (UTC)", None, "2030-01-31"),
    ]


def read_filter(project: str, query: Mapping[str, str]) -> Filter | Rejected:
    """What the address asks for."""
    status = read_choice(query.get("status"), "status", STATUSES)
    period = read_period(query)
    after = read_position(query.get(BEFORE))
    if isinstance(status, Rejected):
        return status
    if isinstance(period, Rejected):
        return period
    if isinstance(after, Rejected):
        return after
    names = {"run_id": query.get("run"), "action_name": query.get("action"), "step_name": query.get("step")}
    return Filter(project, status=status, after=after, since=period.since, until=period.until, **names)


def log_row(visit: Visit, one: Invocation) -> LogRow:
    """A row for people."""
    return LogRow(
        invocation=one,
        action_path=action_path(visit, one.action_name),
        run_path=run_path(visit, one.run_id),
        duration=elapsed_text(one.started_at, one.finished_at),
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


def log_api(visit: Visit) -> str:
    """The path of the API that answers the same, as far as it can filter."""
    names = {"run_id": visit.query.get("run"), "action_name": visit.query.get("action")}
    asked = {**names, "status": visit.query.get("status")}
    return with_query(api_path(visit, "action-audit-log"), asked)


def _document(encoded: bytes) -> str:
    if len(encoded) <= MOST_DOCUMENT_BYTES:
        return pretty_json(encoded)
    beginning = encoded[:MOST_DOCUMENT_BYTES].decode("utf-8", "ignore")
    return f"{beginning}\n… ({len(encoded):,} bytes in all)"
