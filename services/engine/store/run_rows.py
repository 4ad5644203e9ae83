"""One row per run: how it is made of a run's state, and the parts that write it at a run's start and end."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from services.engine.domain.run_state import RunState
from services.engine.domain.states import RunStatus

QUERIES = load_queries(__package__)


class RunRow(NamedTuple):
    """The columns of `runs`, in their order."""

    project: str
    run_id: str
    workflow_name: str
    definition_id: str | None
    definition_version: int | None
    status: RunStatus
    queue: str
    source_type: str
    source_id: str | None
    external_id: str | None
    created_at: datetime
    completed_at: datetime | None


def row_of(state: RunState) -> RunRow:
    """The row of a run that stands like this."""
    facts = state.facts
    return RunRow(
        project=facts.project,
        run_id=facts.run_id,
        workflow_name=facts.workflow_name,
        definition_id=facts.definition_id,
        definition_version=facts.definition_version,
        status=state.status,
        queue=facts.queue,
        source_type=facts.source_type,
        source_id=facts.source_id,
        external_id=facts.external_id,
        created_at=facts.started_at,
        completed_at=state.ending.at if state.ending else None,
    )


def begin_part(states: Sequence[RunState]) -> Part:
    """Writes the rows of runs that begin; one that fails at its first step has ended already."""
    columns = zip(*(row_of(state) for state in states), strict=True)
    return Part("begun", QUERIES["insert_runs"], tuple(list(column) for column in columns))


def end_parts(states: Sequence[RunState]) -> list[Part]:
    """Brings the rows of runs that have ended up to date; no part for none."""
    ended = [
        (state.facts.project, state.facts.run_id, state.status, state.ending.at) for state in states if state.ending
    ]
    if not ended:
        return []
    return [Part("ended", QUERIES["end_runs"], tuple(list(column) for column in zip(*ended, strict=True)))]
