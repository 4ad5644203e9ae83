"""What a batch adds up to, as the parts of one statement.

A plan is made and kept for each combination of parts that comes up, so there are few of them.
"""

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter

from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.contracts.codec import dump_json
from services.audit.domain.invocations import Invocation
from services.audit.domain.projection import Projection
from services.audit.domain.runs import OPEN
from services.audit.domain.workflows import Definition

QUERIES = load_queries(__package__)

LOGGED = "logged"
"""`count_invocations` reads what the part of this name returns."""

_OF_INVOCATION = attrgetter(*Invocation.__slots__)
_CHANGED = (0, 3, 4, 5, 6, 7, 8, 11, 12, 13)
"""The columns of a definition that an update changes, and its id."""


def parts_of(projection: Projection) -> list[Part]:
    """Writes all of it; empty where there is nothing to write. Rows that two consumers may write are in order."""
    parts = log_parts(list(projection.invocations.values())) if projection.invocations else []
    if projection.attempts:
        parts.append(_part("attempted", "merge_attempts", sorted(projection.attempts.values()), 15))
    if projection.begun or projection.ended:
        parts += _runs(projection)
    if projection.versions:
        parts.append(_part("versioned", "insert_versions", sorted(projection.versions.values()), 5))
    if projection.definitions:
        parts += _definitions(projection.definitions.values())
    if projection.events:
        parts.append(_part("told", "insert_run_events", projection.events, 8))
    return parts


def log_parts(rows: Sequence[Invocation]) -> list[Part]:
    """Adds what is not there yet, and counts it."""
    logged = _part(LOGGED, "insert_invocations", [_OF_INVOCATION(row) for row in rows], 16)
    return [logged, Part("counted", QUERIES["count_invocations"], ())]


def _runs(projection: Projection) -> list[Part]:
    begun, ended = projection.begun, projection.ended
    made = [run + ended.get(run.id, OPEN) for run in begun.values()]
    over = [(run_id, *ending) for run_id, ending in ended.items() if run_id not in begun]
    return [_part("begun", "insert_runs", made, 18), _part("ended", "end_runs", over, 7)]


def _definitions(definitions: Collection[Definition]) -> list[Part]:
    made = [_row(one) for one in definitions if one.handle is not None]
    changed = [tuple(_row(one)[place] for place in _CHANGED) for one in definitions if one.handle is None]
    return [_part("made", "insert_workflows", made, 14), _part("changed", "update_workflows", changed, 10)]


def _row(definition: Definition) -> Definition:
    """With its actions as JSON: PostgreSQL has no arrays of arrays of different lengths."""
    actions = None if definition.actions is None else dump_json(definition.actions).decode()
    return definition._replace(actions=actions)  # type: ignore[arg-type]  # as a column


def _part(name: str, query: str, rows: Sequence[tuple[object, ...]], width: int) -> Part:
    """A part whose arguments are columns."""
    columns: Iterable[Sequence[object]] = zip(*rows, strict=True) if rows else [()] * width
    return Part(name, QUERIES[query], tuple(columns))
