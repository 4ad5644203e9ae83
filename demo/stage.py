"""Everything that has to run for the demo: the stand-in for Slack, the receiver, and a local stack of its own.

The demo always starts a stack of its own, in a folder of its own and on free ports, so it can run beside a `make up`
in the same checkout and leaves nothing in its data.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.delivery_log import DeliveryLog
from demo.documents import Document, load_documents
from demo.local_server import LocalServer
from demo.options import Options
from demo.receiver import ENDPOINT_PATH, Receiver
from demo.slack_double import DEMO_TOKEN, SlackDouble
from deploy.local.stack import LocalStack, StackOptions


@dataclass(frozen=True)
class Stage:
    """The running parts. `endpoint_url` is where the receiver takes deliveries."""

    stack: LocalStack
    documents: Mapping[str, Document]
    receiver: Receiver
    endpoint_url: str
    slack: SlackDouble

    @property
    def api_url(self) -> str:
        return self.stack.api_url

    @property
    def api_key(self) -> str:
        return self.stack.api_key

    @property
    def project(self) -> str:
        return self.stack.project

    @property
    def loss(self) -> str:
        """What is lost on a fallback broker, in one loud line; "" on Kafka."""
        return self.stack.lost_sentence or ""

    async def kill(self, service: str) -> None:
        """Kills a service with -9; the stack starts it again."""
        await self.stack.kill(service)


@asynccontextmanager
async def opened(options: Options, folder: Path, tell: Callable[[str], None]) -> AsyncIterator[Stage]:
    """Starts the parts in the order in which they need each other, and stops them in the opposite one. `tell` gets
    sentences about parts that died and run again."""
    documents = load_documents(options.documents)
    slack = SlackDouble()
    receiver = Receiver(documents, DeliveryLog(folder / "deliveries.jsonl"))
    async with AsyncExitStack() as parts:
        slack_server = await parts.enter_async_context(LocalServer(slack.app()))
        receiver_server = await parts.enter_async_context(LocalServer(receiver.app()))
        stack = await parts.enter_async_context(LocalStack(folder, _stack_options(options, slack_server.url, tell)))
        yield Stage(stack, documents, receiver, receiver_server.url + ENDPOINT_PATH, slack)


def _stack_options(options: Options, slack_url: str, tell: Callable[[str], None]) -> StackOptions:
    return StackOptions(
        tell=tell,
        fallback_broker=options.fallback_broker,
        env={"DISPATCHER_SLACK_BASE_URL": f"{slack_url}/api/", "DISPATCHER_SLACK_TOKEN": DEMO_TOKEN},
    )
