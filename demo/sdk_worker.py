"""A worker written with the published SDK, unchanged: it claims jobs of `summarize-document` and does them itself.

It runs in a thread of its own, because the SDK's `Worker.run` blocks.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from deepnoodle.mobius import ActionContext, Client, Worker, WorkerConfig

from demo.documents import Document
from demo.summarize_action import ACTION_NAME, summarize_document

INSTANCE_ID = "demo-sdk-worker"
POLL_WAIT_SECONDS = 1


class SdkWorker:
    """`jobs` are the ids of the jobs that it was given, in order."""

    def __init__(self, api_url: str, api_key: str, project: str, documents: Mapping[str, Document]) -> None:
        self.instance_id = INSTANCE_ID
        self.jobs: list[str] = []
        self._documents = documents
        self._client = Client(api_key, base_url=api_url, project=project)
        self._worker = Worker(self._client, self._config(), {ACTION_NAME: self._summarize})
        self._thread = threading.Thread(target=self._worker.run, name=INSTANCE_ID, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Blocks until the job in hand is done and the last poll has ended."""
        self._worker.stop()
        self._thread.join(timeout=POLL_WAIT_SECONDS + 10)
        self._client.close()

    def _config(self) -> WorkerConfig:
        return WorkerConfig(
            worker_instance_id=INSTANCE_ID,
            name="demo worker",
            actions=[ACTION_NAME],
            poll_wait_seconds=POLL_WAIT_SECONDS,
        )

    def _summarize(self, context: ActionContext, parameters: dict[str, Any]) -> object:
        self.jobs.append(context.job_id)
        return summarize_document(self._documents, str(parameters["doc_id"]))
