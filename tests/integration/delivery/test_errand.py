"""An errand that is tried again is still the same delivery to whoever receives it."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from aiohttp import web

from libs.chassis.clock import SystemClock
from libs.chassis.db.errors import Unavailable
from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import Annotations
from libs.contracts.signing import new_signing_secret
from services.dispatcher.delivery import errand
from services.dispatcher.delivery.endpoints import Endpoints
from services.dispatcher.delivery.errand import Errands
from services.dispatcher.delivery.integrations.connections import Connections
from services.dispatcher.delivery.integrations.port import Integration, IntegrationAction, InvocationContext
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.retry_pace import RetryPace
from services.dispatcher.delivery.sender import Sender
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from services.dispatcher.store.actions import Endpoint
from services.dispatcher.store.connections import Connection
from services.dispatcher.store.secret_uses import SecretUses
from tests.integration.delivery.conftest import Receiver
from tests.unit.dispatcher.samples import JOB


class OneEndpoint:
    """The endpoint of every action."""

    def __init__(self, url: str) -> None:
        self._endpoint = Endpoint(url, Annotations(), None, (new_signing_secret(bytes(32)),), (1,), "act_1")

    async def of(self, _project: str, _action: str) -> Endpoint:
        return self._endpoint


async def test_an_attempt_that_is_repeated_is_the_same_delivery(receiver: Receiver, sender: Sender) -> None:
    async def not_yet(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503 if len(receiver.received) < 3 else 200)

    receiver.answer = not_yet
    endpoints = cast(Endpoints, OneEndpoint(receiver.url))
    uses = SecretUses(SystemClock(), lambda: None)
    pace = RetryPace(base=timedelta(0))
    errands = Errands(endpoints, sender, IntegrationRegistry([]), cast(Connections, None), pace, uses)
    done = await errands.run(JOB)
    assert (isinstance(done.verdict, Success), done.retries) == (True, 2)
    assert [received.headers["webhook-id"] for received in receiver.received] == [JOB.job_id] * 3
    assert len({received.body for received in receiver.received}) == 1


class Away:
    """Connections that cannot be looked for twice, and then are there. `asked` says how often they were."""

    def __init__(self, connection: Connection | Failure) -> None:
        self._connection = connection
        self.asked = 0

    async def of(self, _project: str, _integration: Integration) -> Connection | Failure:
        self.asked += 1
        if self.asked < 3:
            raise Unavailable("away")
        return self._connection


class Toy(Integration):
    """Answers with the credentials that it is given."""

    slug = "toy"
    title = "Toy"
    description = "For tests."
    actions = (IntegrationAction("toy.work", "Work", "", {}, {}, Annotations()),)

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        return Success({**context.credentials})


@pytest.mark.parametrize(
    ("connection", "verdict"),
    [
        (Connection(1, {"token": "t"}), Success({"token": "t"})),
        (NONE := Failure("integration_not_connected", "expected one", retryable=False, certain=True), NONE),
    ],
)
async def test_a_broker_that_is_away_is_waited_for_and_fails_nobodys_step(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, connection: Connection | Failure, verdict: Verdict
) -> None:
    monkeypatch.setattr(errand, "LOOK_AGAIN", timedelta(0))
    away = Away(connection)
    uses = SecretUses(SystemClock(), lambda: None)
    toy, connections = IntegrationRegistry([Toy()]), cast(Connections, away)
    errands = Errands(cast(Endpoints, None), sender, toy, connections, RetryPace(), uses)
    done = await errands.run(replace(JOB, action="toy.work", parameters=b"{}"))
    assert (done.verdict, done.retries, away.asked) == (verdict, 0, 3)
