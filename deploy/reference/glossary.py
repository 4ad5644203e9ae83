"""What fields on the wire mean, said once. A `description` in a model goes before what stands here.

A key is a field, or a shape and its field where the field means something else there.
"""

from collections.abc import Mapping
from typing import Final

from deploy.reference.answer_glossary import ANSWERS_OF_RUNS, ANSWERS_OF_WORKERS
from libs.contracts.codec import Json, JsonObject

_OF_WORKERS: Final[Mapping[str, str]] = {
    "worker_instance_id": "The process, unlike any other that lives in the project.",
    "worker_session_token": "Made anew by each start of the process; half of the fence.",
    "attempt": "As the claim answered it; the other half of the fence.",
    "concurrency_limit": "Jobs that the process holds at one time.",
    "agent_id": "Accepted and not used.",
    "agent_session_id": "Accepted and not used.",
    "worker_name": "For people.",
    "worker_version": "For people.",
    "queues": "Only jobs of these queues; empty: of any.",
    "actions": "Only jobs of these actions, which are kept from the courier meanwhile; empty: of any.",
    "ClaimBody.max_jobs": "Up to so many jobs that are there now, as a list `jobs`; absent: one, as it is.",
    "HeartbeatsBody.jobs": "Which, each with its own attempt.",
    "job_id": "As the claim answered it.",
    "results": "One for each job, answered in the same order.",
    "JobEnding.status": "How it ended.",
    "ClaimBody.wait_seconds": "How long to wait for a job (seconds).",
    "CompleteBody.status": "How it ended.",
    "result_b64": "The result as base64 of JSON; absent: null.",
    "events": "In the order in which watchers get them; all are kept, or none.",
    "ProgressEntry.type": "What the event is called; names that begin with `mobius.` are reserved.",
    "payload": "Anything, up to 16 KiB.",
}

_OF_RUNS: Final[Mapping[str, str]] = {
    "mode": "`saved` needs `definition_id`, `inline` needs `spec`; neither takes the other's.",
    "definition_id": "The workflow, `wf_…`; its latest version is run.",
    "spec": "The graph of steps: a WorkflowSpec.",
    "inputs": "`inputs.*` in expressions.",
    "queue": "Whose workers get the jobs of the run; default `default`.",
    "external_id": "Your own id: unique among the project's active runs.",
    "metadata": "Your own notes; nothing reads them.",
    "tags": "Names with values, to find it by.",
    "config": "Accepted when empty; this version knows no settings of runs.",
    "category": "A group of settings.",
    "key": "A setting.",
    "value": "Its value.",
    "since": "Tell what happened after this sequence too; 0: everything.",
    "tag": "`key:value`, `key:*` or `key:a,b`; several must all hold.",
    "status": "Only those that stand so.",
    "workflow_type": "Only runs of workflows of this name.",
    "RunsPage.queue": "Only runs of this queue.",
    "RunsPage.external_id": "Only the runs that had this id.",
    "source_type": "Only runs that were started this way.",
    "source_id": "Only runs that were started by this.",
    "parent_run_id": "Runs have no parents yet: finds nothing.",
    "forked_from": "Runs are not forked yet: finds nothing.",
    "path_id": "Only steps on this path.",
    "StepsPage.step_name": "Only attempts at this step.",
    "include": "Accepted and not used.",
    "handle": "The name in addresses, made from the name when it is absent.",
    "published_as_tool": "Kept with the definition.",
}

_OF_SPECS: Final[Mapping[str, str]] = {
    "start_at": "The first step; absent: the first in the list.",
    "WorkflowSpec.inputs": "What a run is started with; none: anything.",
    "WorkflowSpec.outputs": "What the run answers with.",
    "state": "Variables that `state.*` begins with.",
    "steps": "At least one.",
    "InputSpec.type": "`string`, `integer`, `number`, `boolean`, `object`, `array` or `any`.",
    "default": "What it is when nobody says; with one, even null, the input may be left out.",
    "variable": "The variable of the state that it is taken from.",
    "branch": "The path: where it is taken from, or the name of the one that begins here.",
    "next": "The edges behind it. As soon as one step has some, a step without any ends its path.",
    "step": "The step that it leads to.",
    "condition": "An expression; absent: always.",
    "edge_matching_strategy": "`all` edges that hold (the default), or only the `first`.",
    "action": "The action by name.",
    "action_kind": "`worker`: a job (the default). `server`: by the dispatcher, without a job.",
    "parameters": "What the action is called with; `${…}` in texts are expressions.",
    "store": "The variable of the state that keeps the result.",
    "layout": "Where an editor draws it.",
    "x": "From the left.",
    "y": "From the top.",
}

NOT_YET: Final = "Not run in this version: refused."
SHAPES_NOT_YET: Final = frozenset(
    "CatchSpec EachSpec InteractionSpec JoinSpec PauseSpec RetrySpec SleepSpec WaitSignalSpec".split()
)
"""Shapes of steps that are refused: known, and not explained before they do something."""
PARTS_NOT_YET: Final = ("each", "retry", "catch", "join", "sleep", "wait_signal", "pause", "interaction")
"""Fields of steps that are refused."""

_OF_ANSWERS: Final[Mapping[str, str]] = {
    "project": "The handle of the project.",
    "step_id": "The attempt at a step.",
    "parked_stream": "The parked stream, `park_…`.",
    "id": "Its own id.",
    "name": "What it is called.",
    "title": "A short name for people.",
    "description": "What it is for, in its author's words.",
    "endpoint_url": "Where the signed POST goes.",
    "input_schema": "JSON Schema of the parameters.",
    "output_schema": "JSON Schema of the result.",
    "annotations": "How it may be used safely; absent: no promise.",
    "idempotent": "Repeating it changes nothing more.",
    "destructive": "It cannot be undone.",
    "read_only": "It changes nothing.",
    "created_at": "When it was made.",
    "updated_at": "When it changed last.",
    "items": "The page.",
    "next_cursor": "The `cursor` of the next page; absent: there is none.",
    "has_more": "Whether there is another page.",
    "run_id": "The run that it belongs to.",
    "step_name": "The step.",
    "action_name": "The action.",
    "source": "What asked for it: `workflow`.",
    "LogEntry.id": "The invocation: of a worker step the job.",
    "LogEntry.parameters": "What it was called with.",
    "LogEntry.status": "`success` or `failed`.",
    "output_summary": "The result; a long one by its size and its beginning.",
    "retry_count": "How often it was repeated.",
    "started_at": "When it was taken in hand.",
    "finished_at": "When it had ended.",
    "error_type": "What kind of error; workflows tell errors apart by it.",
    "error_message": "The error as a sentence.",
}

FIELDS: Final[Mapping[str, str]] = {
    **ANSWERS_OF_RUNS,
    **ANSWERS_OF_WORKERS,
    **_OF_ANSWERS,
    **_OF_RUNS,
    **_OF_WORKERS,
    **_OF_SPECS,
    **dict.fromkeys(PARTS_NOT_YET, NOT_YET),
}


def explained(shape: str, schema: JsonObject) -> JsonObject:
    """The schema with a sentence for every field that has none of its own and that is known here."""
    fields = schema.get("properties")
    if not isinstance(fields, dict) or shape in SHAPES_NOT_YET:
        return schema
    told: dict[str, Json] = {
        name: {**_as_object(field), **_sentence(shape, name, field)} for name, field in fields.items()
    }
    return {**schema, "properties": told}


def unexplained(shape: str, schema: JsonObject) -> list[str]:
    """`Shape.field` of every field that has no sentence, here or of its own."""
    if shape in SHAPES_NOT_YET:
        return []
    fields = _as_object(explained(shape, schema).get("properties"))
    return [f"{shape}.{name}" for name, field in fields.items() if not _as_object(field).get("description")]


def _sentence(shape: str, name: str, field: object) -> JsonObject:
    if _as_object(field).get("description"):
        return {}
    sentence = FIELDS.get(f"{shape}.{name}") or FIELDS.get(name)
    return {"description": sentence} if sentence else {}


def _as_object(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}
