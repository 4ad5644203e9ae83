"""One more run, whose job is taken over by a worker written with the published SDK.

As long as a live worker lists an action, its jobs wait for such a worker, and the endpoint is not called.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from demo.answers import Job, Page, WorkerSession, Workflow
from demo.audit_log import entries_of_runs
from demo.board import Board
from demo.mobius_api import MobiusApi
from demo.report import DocumentRun, Takeover
from demo.sdk_worker import SdkWorker
from demo.stage import Stage
from demo.workflow_runs import process

PATIENCE = timedelta(seconds=30)
PAUSE = timedelta(milliseconds=50)


async def take_over(stage: Stage, api: MobiusApi, workflow: Workflow) -> Takeover:
    """Starts the worker, waits until Mobius knows it, runs one document, and looks at who did the job."""
    before = len(stage.receiver.log.deliveries)
    doc_id = next(iter(stage.documents))
    worker = SdkWorker(stage.api_url, stage.api_key, stage.project, stage.documents)
    async with working(worker):
        await until_known(api, worker.instance_id)
        (document,) = await process(api, workflow, [doc_id], Board(1, 2), concurrency=1)
        jobs = await jobs_of(api, document)
        audit = await entries_of_runs(api, {document.run.id}, expected=len(document.run.steps))
    return Takeover(
        document=document,
        worker_id=worker.instance_id,
        claimed_by=tuple(job.claimed_by or "nobody" for job in jobs),
        jobs_of_worker=tuple(worker.jobs),
        deliveries_during=tuple(stage.receiver.log.deliveries[before:]),
        audit=audit,
    )


@asynccontextmanager
async def working(worker: SdkWorker) -> AsyncIterator[None]:
    """The worker runs for as long as the block; stopping it waits for its last poll, off the loop."""
    worker.start()
    try:
        yield
    finally:
        await asyncio.to_thread(worker.stop)


async def until_known(api: MobiusApi, instance_id: str) -> None:
    """Waits until the worker is listed as a live session. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE.total_seconds()):
        while True:
            page = await api.get("worker-sessions", Page)
            sessions = [WorkerSession.model_validate(item) for item in page.items]
            if any(one.worker_instance_id == instance_id and not one.stale for one in sessions):
                return
            await asyncio.sleep(PAUSE.total_seconds())


async def jobs_of(api: MobiusApi, document: DocumentRun) -> list[Job]:
    page = await api.get(f"runs/{document.run.id}/jobs", Page)
    return [Job.model_validate(item) for item in page.items]
