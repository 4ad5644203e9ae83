"""A page of the attempts of a run, as its address asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.http import encode_moment
from services.audit.dashboard.places import read_position
from services.audit.store.attempts import AttemptRow, AttemptStatus, list_attempts

PAGE_ATTEMPTS: Final = 100
STATUSES: Final[tuple[AttemptStatus, ...]] = get_args(AttemptStatus)


@dataclass(frozen=True, slots=True)
class Attempts:
    """A page of attempts. `next` is the position of the page behind it; None where there is none."""

    rows: Sequence[AttemptRow]
    next: str | None


async def attempts_page(reads: Reads, project: str, run_id: str, query: Mapping[str, str]) -> Attempts | Rejected:
    """As the address asks for: `step` and `status` narrow, `attempts` is the position of the page before."""
    after, status = read_position(query.get("attempts")), query.get("status")
    if isinstance(after, Rejected):
        return after
    if status is not None and status not in STATUSES:
        sentence = f"expected one of {', '.join(STATUSES)}, but the status is {status[:64]!r}"
        return Rejected("invalid_argument", sentence, "status")
    found = await list_attempts(
        reads,
        project,
        run_id,
        after,
        PAGE_ATTEMPTS + 1,
        step=query.get("step"),
        status=status,
    )
    rows = found[:PAGE_ATTEMPTS]
    more = len(found) > PAGE_ATTEMPTS
    return Attempts(rows, encode_moment(rows[-1].scheduled_at, rows[-1].id) if more else None)
