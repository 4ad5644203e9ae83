"""The demo's parts on the tests' installation: its receiver, its documents, its workflow."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.answers import Registered, Workflow
from demo.delivery_log import Delivery, DeliveryLog
from demo.documents import load_documents
from demo.local_server import LocalServer
from demo.mobius_api import MobiusApi
from demo.receiver import ENDPOINT_PATH, Receiver
from demo.stage import Stage
from demo.summarize_action import registration
from demo.workflow_runs import save_workflow
from tests.e2e.installation import Installation


@dataclass(frozen=True)
class ReadingRoom:
    """`summarize-document` is registered with a receiver that runs here, and the published workflow is saved."""

    stage: Stage
    workflow: Workflow

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that reached the receiver so far."""
        return self.stage.receiver.log.deliveries

    def deliveries_of(self, run_id: str) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.run_id == run_id]


@asynccontextmanager
async def opened(installation: Installation, api: MobiusApi, folder: Path) -> AsyncIterator[ReadingRoom]:
    """Registers and saves; the receiver listens until the end of the block."""
    documents = load_documents()
    receiver = Receiver(documents, DeliveryLog(folder / "deliveries.jsonl"))
    async with LocalServer(receiver.app()) as server:
        url = server.url + ENDPOINT_PATH
        action = await api.post("actions", registration(url), Registered)
        receiver.trust(action.signing_secret or "")
        stage = Stage(installation.stack, documents, receiver, url, installation.slack)
        yield ReadingRoom(stage, await save_workflow(api))
