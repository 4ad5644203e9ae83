"""Addresses of pages and of the API, and what travels in them: choices, moments, positions in lists."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from libs.chassis.decider import Rejected
from libs.chassis.http import decode_moment, encode_moment
from libs.chassis.http.cursor import INVALID_CURSOR
from services.audit.dashboard.visit import Visit

Choice = TypeVar("Choice", bound=str)

NEW: Final = "new"
"""Not a workflow or an action, but the page that makes one. A workflow with this handle is reached by its id, an action
of this name by `SHOWN_AS`."""
SHOWN_AS: Final = "show"

MOST_DIGITS: Final = 19
"""A number that a database takes has fewer."""


class Period(NamedTuple):
    """From `since` on, and before `until`; None bounds nothing."""

    since: datetime | None
    until: datetime | None


def action_path(visit: Visit, name: str) -> str:
    """The page of an action."""
    path = f"{visit.projects_path}/actions/{quote(name, safe='')}"
    return f"{path}?{SHOWN_AS}=action" if name == NEW else path


def action_command_path(visit: Visit, name: str, command: str) -> str:
    """The page of something that can be done with an action, such as `edit`."""
    return f"{visit.projects_path}/actions/{quote(name, safe='')}/{command}"


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


def api_path(visit: Visit, *segments: str) -> str:
    """A path of the API below the visit's project."""
    return "/" + "/".join(quote(one, safe="") for one in ("v1", "projects", visit.project, *segments))


def kept(query: Mapping[str, str], names: Sequence[str]) -> dict[str, str | None]:
    """Those parameters of an address."""
    return {name: query[name] for name in names if name in query}


def read_choice(text: str | None, field: str, choices: Sequence[Choice]) -> Choice | Rejected | None:
    """One of those that there are; None where there is no parameter."""
    if text is None:
        return None
    sentence = f"expected one of {', '.join(choices)}, but the {field} is {text[:64]!r}"
    return next((one for one in choices if one == text), Rejected("invalid_argument", sentence, field))


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


def read_period(query: Mapping[str, str]) -> Period | Rejected:
    """What `since` and `until` of an address say."""
    since, until = read_moment(query.get("since"), "since"), read_moment(query.get("until"), "until")
    if isinstance(since, Rejected):
        return since
    if isinstance(until, Rejected):
        return until
    if since is not None and until is not None and since >= until:
        return Rejected("invalid_argument", "expected until to be after since, but it is not", "until")
    return Period(since, until)


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
