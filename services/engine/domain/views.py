"""A run's state as the wire's WorkflowRun and WorkflowRunPath have it; absent fields are left out."""

from libs.contracts.codec import Json, JsonObject
from libs.contracts.envelope import format_time
from libs.contracts.events.engine import PathError
from services.engine.domain.run_state import Ending, PathState, RunFacts, RunState, Wait
from services.engine.domain.states import WaitKind


def run_view(state: RunState) -> JsonObject:
    """Everything about the run but its spec, its paths and its steps."""
    return {
        **_facts(state.facts),
        "status": state.status,
        "attempt": 1,
        "path_counts": {
            **state.path_counts._asdict(),
            "total": state.path_counts.total,
            "active": state.path_counts.active,
        },
        "step_counts": dict(state.steps._asdict()),
        "job_counts": _job_counts(state),
        "wait_summary": _wait_summary(state),
        "updated_at": format_time(state.updated_at),
        **_ending(state.ending),
    }


def paths_view(state: RunState) -> list[Json]:
    """Every path, by name."""
    return [_path(state.paths[name]) for name in sorted(state.paths)]


def _facts(facts: RunFacts) -> JsonObject:
    started_at = format_time(facts.started_at)
    return _present(
        {
            "id": facts.run_id,
            "queue": facts.queue,
            "definition_id": facts.definition_id,
            "definition_version": facts.definition_version,
            "ephemeral": facts.definition_id is None,
            "workflow_name": facts.workflow_name,
            "inputs": facts.inputs,
            "metadata": dict(facts.metadata),
            "tags": dict(facts.tags),
            "source_type": facts.source_type,
            "source_id": facts.source_id,
            "external_id": facts.external_id,
            "dry_run": facts.dry_run or None,
            "created_at": started_at,
            "started_at": started_at,
        }
    )


def _ending(ending: Ending | None) -> JsonObject:
    if ending is None:
        return {"errors": []}
    return _present(
        {
            "completed_at": format_time(ending.at),
            "cancel_requested_at": format_time(ending.at) if ending.error_type == "run_cancelled" else None,
            "error_type": ending.error_type,
            "error_message": ending.error_message,
            "errors": [{"path_id": error.path, **_error(error)} for error in ending.errors],
        }
    )


def _job_counts(state: RunState) -> JsonObject:
    """Of worker steps only; a job that waits for a later retry would be `scheduled`."""
    statuses = [step.status for step in state.open.values() if step.kind == "worker"]
    return {"ready": statuses.count("pending"), "scheduled": 0, "claimed": statuses.count("running")}


def _wait_summary(state: RunState) -> JsonObject:
    waits = [path.waiting_on for path in state.paths.values() if path.waiting_on] if state.path_counts.waiting else []
    kinds = [wait.kind for wait in waits]
    wakes = sorted(wait.wake_at for wait in waits if wait.wake_at)
    return {
        "waiting_paths": len(waits),
        "kind_counts": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "next_wake_at": format_time(wakes[0]) if wakes else None,
        "waiting_on_signal_names": _subjects(waits, "signal"),
        "interaction_ids": _subjects(waits, "interaction"),
    }


def _subjects(waits: list[Wait], kind: WaitKind) -> list[Json]:
    return [*sorted({wait.subject or "" for wait in waits if wait.kind == kind})]


def _path(path: PathState) -> JsonObject:
    view: JsonObject = {"path_id": path.name, "state": path.status}
    return {**view, **_error(path.error)} if path.error else view


def _error(error: PathError) -> JsonObject:
    return {"error_type": error.error_type, "error_message": error.error_message}


def _present(fields: JsonObject) -> JsonObject:
    return {name: value for name, value in fields.items() if value is not None}
