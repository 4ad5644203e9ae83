"""The history of a run as it is shown: a page of events, in words, each with its payload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from libs.contracts.codec import indent_json, parse_own_json
from services.audit.dashboard.places import event_position
from services.audit.store.run_events import RunEventRow

PAGE_EVENTS: Final = 50
MOST_EVENT_BYTES: Final = 65_536
"""What is longer is not read for a page."""
MOST_EVENT_CHARACTERS: Final = 4_000
"""As much of a payload as is shown."""

MEANINGS: Final[Mapping[str, str]] = {
    "run.started": "the run started",
    "run.completed": "the run has its outputs",
    "run.failed": "the run ended without outputs",
    "step.scheduled": "to be carried out",
    "step.started": "somebody is at it",
    "step.progressed": "its worker tells of progress",
    "step.completed": "has its result",
    "step.failed": "failed for good",
    "job.claimed": "a worker took it",
    "job.lease_expired": "its worker fell silent: it can be taken again",
    "job.closed": "the run ended first",
    "job.reported_late": "reported after the run had ended: it counts no more",
}


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event. `payload` is its data as text, cut where it gets long; `meaning` is empty for a type not known here."""

    id: str
    at: datetime
    type: str
    meaning: str
    step: str | None
    path: str | None
    payload: str


@dataclass(frozen=True, slots=True)
class History:
    """A page of events. `next` is the position of the page behind it; None where there is none."""

    events: Sequence[ShownEvent]
    next: str | None


def history(found: Sequence[RunEventRow]) -> History:
    """The page of what was found: one event more than a page has shows that there is another."""
    shown = found[:PAGE_EVENTS]
    more = event_position(shown[-1].at, shown[-1].sequence, shown[-1].id) if len(found) > PAGE_EVENTS else None
    return History([_shown(row) for row in shown], more)


def _shown(row: RunEventRow) -> ShownEvent:
    return ShownEvent(row.id, row.at, row.type, MEANINGS.get(row.type, ""), row.step, row.path, payload_text(row.data))


def payload_text(record: bytes) -> str:
    """The payload of a record, for people."""
    if len(record) > MOST_EVENT_BYTES:
        return f"… ({len(record):,} bytes: ask the API for it)"
    event = parse_own_json(record)
    text = indent_json(event.get("data") if isinstance(event, dict) else event)
    if len(text) <= MOST_EVENT_CHARACTERS:
        return text
    return f"{text[:MOST_EVENT_CHARACTERS]}\n… ({len(text):,} characters in all: ask the API for them)"
