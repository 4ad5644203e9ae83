"""A page of the attempts of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

from libs.chassis.http import encode_moment
from services.audit.store.attempts import AttemptRow, AttemptStatus

PAGE_ATTEMPTS: Final = 100
STATUSES: Final[tuple[AttemptStatus, ...]] = get_args(AttemptStatus)


@dataclass(frozen=True, slots=True)
class Attempts:
    """A page of attempts. `next` is the position of the page behind it; None where there is none."""

    rows: Sequence[AttemptRow]
    next: str | None


def attempts_page(found: Sequence[AttemptRow]) -> Attempts:
    """The page of what was found: one attempt more than a page has shows that there is another."""
    rows = found[:PAGE_ATTEMPTS]
    more = len(found) > PAGE_ATTEMPTS
    return Attempts(rows, encode_moment(rows[-1].scheduled_at, rows[-1].id) if more else None)
