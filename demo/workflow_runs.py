"""The workflow of the demo: saving it, starting a run of it for a document, and processing all documents."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from pathlib import Path

import yaml
from pydantic import JsonValue, TypeAdapter

from demo.answers import Run, Workflow
from demo.board import Board
from demo.following import follow_run
from demo.mobius_api import ApiRefused, MobiusApi
from demo.report import DocumentRun

WORKFLOW_FILE = Path(__file__).parent / "document-workflow.yaml"

_JSON_OBJECT = TypeAdapter(dict[str, JsonValue])


def workflow_spec(file: Path = WORKFLOW_FILE) -> dict[str, JsonValue]:
    """The file as the spec that the API takes."""
    return _JSON_OBJECT.validate_python(yaml.safe_load(file.read_text("utf-8")))


async def save_workflow(api: MobiusApi) -> Workflow:
    """Saves the workflow, or finds it when one of that name is there."""
    spec = workflow_spec()
    try:
        return await api.post("workflows", {"name": spec["name"], "spec": spec}, Workflow)
    except ApiRefused as refused:
        if refused.status != 409:
            raise
    return next(one for one in await api.all_of("workflows", Workflow) if one.name == spec["name"])


async def start_run(api: MobiusApi, workflow: Workflow, doc_id: str, external_id: str) -> str:
    """Starts the run of a document, once per `external_id` however often this is tried; answers with its id."""
    try:
        body: dict[str, JsonValue] = {"inputs": {"doc_id": doc_id}, "external_id": external_id}
        return (await api.post(f"workflows/{workflow.id}/runs", body, Run)).id
    except ApiRefused as refused:
        if refused.code != "external_id_conflict":
            raise
        # An earlier try did start it, the answer was lost, and the run is over by now.
        return str(refused.details["existing_run_id"])


async def process(
    api: MobiusApi, workflow: Workflow, doc_ids: Iterable[str], board: Board, concurrency: int
) -> tuple[DocumentRun, ...]:
    """One run per document, `concurrency` of them at a time, each followed to its end; in the order of the ids."""
    places = asyncio.Semaphore(concurrency)
    batch = secrets.token_hex(4)

    async def one(doc_id: str) -> DocumentRun:
        async with places:
            run_id = await start_run(api, workflow, doc_id, external_id=f"demo-{batch}-{doc_id}")
            run = await follow_run(api, run_id, board.hear)
            board.finish(run)
            return DocumentRun(doc_id, run)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(doc_id)) for doc_id in doc_ids]
    return tuple(task.result() for task in tasks)
