"""An errand that is tried again is still the same delivery to whoever receives it."""

from datetime import timedelta
from typing import cast

from aiohttp import web

from libs.chassis.clock import SystemClock
from libs.contracts.events.catalog import Annotations
from libs.contracts.signing import new_signing_secret
from services.dispatcher.delivery.errand import Errands
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.retry_pace import RetryPace
from services.dispatcher.delivery.sender import Sender
from services.dispatcher.delivery.verdict import Success
from services.dispatcher.store.actions import ActionBook, Endpoint
from services.dispatcher.store.secret_uses import SecretUses
from tests.integration.delivery.conftest import Receiver
from tests.unit.dispatcher.samples import JOB


class Book:
    """An action book with one action."""

    def __init__(self, url: str) -> None:
        self._endpoint = Endpoint(url, Annotations(), None, (new_signing_secret(bytes(32)),), (1,), "act_1")

    def endpoint(self, _project: str, _action: str) -> Endpoint:
        return self._endpoint


async def test_an_attempt_that_is_repeated_is_the_same_delivery(receiver: Receiver, sender: Sender) -> None:
    async def not_yet(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503 if len(receiver.received) < 3 else 200)

    receiver.answer = not_yet
    book = cast(ActionBook, Book(receiver.url))
    uses = SecretUses(SystemClock(), lambda: None)
    errands = Errands(book, sender, IntegrationRegistry([]), RetryPace(base=timedelta(0)), uses)
    done = await errands.run(JOB)
    assert (isinstance(done.verdict, Success), done.retries) == (True, 2)
    assert [received.headers["webhook-id"] for received in receiver.received] == [JOB.job_id] * 3
    assert len({received.body for received in receiver.received}) == 1
