"""Addresses of pages, and positions in lists that travel in them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

from libs.chassis.decider import Rejected
from libs.chassis.http import decode_moment, encode_moment
from libs.chassis.http.cursor import INVALID_CURSOR
from services.audit.dashboard.visit import Visit

NEW: Final = "new"
"""Not a workflow, but the page that makes one: a workflow with this handle is reached by its id."""

MOST_DIGITS: Final = 19
"""A number that a database takes has fewer."""


def workflow_path(visit: Visit, handle: str, workflow_id: str) -> str:
    """The page of a workflow."""
    return f"{visit.projects_path}/workflows/{quote(workflow_id if handle == NEW else handle, safe='')}"


def run_path(visit: Visit, run_id: str) -> str:
    """The page of a run."""
    return f"{visit.projects_path}/runs/{quote(run_id, safe='')}"


def with_query(path: str, parameters: Mapping[str, str | None]) -> str:
    """The path with those parameters that have a value."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def read_position(text: str | None) -> tuple[datetime, str] | Rejected | None:
    """The moment and the id of a row that `encode_moment` was given; None where there is no parameter."""
    return None if text is None else decode_moment(text)


def event_position(at: datetime, sequence: int, event_id: str) -> str:
    """Where an event stands in the history of its run, as a parameter."""
    return encode_moment(at, f"{sequence} {event_id}")


def read_event_position(text: str | None) -> tuple[datetime, int, str] | Rejected | None:
    """What `event_position` was given; None where there is no parameter."""
    found = read_position(text)
    if not isinstance(found, tuple):
        return found
    sequence, _, event_id = found[1].partition(" ")
    if not (sequence.isascii() and sequence.isdigit() and len(sequence) < MOST_DIGITS):
        return INVALID_CURSOR
    return found[0], int(sequence), event_id


def read_moment(text: str | None, field: str) -> datetime | Rejected | None:
    """A moment that somebody typed: a day, or a day and a time; without an offset it is in UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        sentence = f"expected a time like 2030-01-31 or 2030-01-31T09:30, but got {text[:64]!r}"
        return Rejected("invalid_argument", sentence, field)
