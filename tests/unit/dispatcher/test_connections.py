"""Which credentials a step is carried out with, and that those of one place do not open at another."""

import pytest

from libs.chassis.db.errors import Unavailable
from libs.chassis.sealing import CannotOpen, Sealer
from libs.contracts.codec import JsonObject, dump_json
from libs.contracts.events.catalog import IntegrationState
from libs.contracts.integration_credentials import credentials_aad
from services.dispatcher.delivery.integrations.connections import Connections
from services.dispatcher.delivery.integrations.github import GitHubIntegration
from services.dispatcher.delivery.integrations.http import HttpIntegration
from services.dispatcher.delivery.integrations.port import Integration, Room
from services.dispatcher.delivery.integrations.slack import SlackIntegration
from services.dispatcher.delivery.verdict import Failure
from services.dispatcher.store.connections import Connection, ConnectionBook

SEALER = Sealer({"k1": bytes(32)}, "k1")
TOKEN: JsonObject = {"token": "ghp_of-the-project"}


def state(project: str = "p", slug: str = "github", sealed_for: str = "p", version: int = 3) -> IntegrationState:
    sealed = SEALER.seal(dump_json(TOKEN), credentials_aad(sealed_for, slug))
    return IntegrationState(project=project, integration=slug, connection_version=version, sealed=str(sealed))


class Replica:
    """A replica that learns of `late` only when it is read to its end."""

    def __init__(self, late: IntegrationState | None = None, now: IntegrationState | None = None) -> None:
        self.states = {} if now is None else {f"{now.project}/{now.integration}": now}
        self._late = late
        self.looks = 0

    async def catch_up(self) -> None:
        self.looks += 1
        if self._late is not None:
            self.states[f"{self._late.project}/{self._late.integration}"] = self._late


async def found(replica: Replica, integration: Integration, project: str = "p") -> Connection | Failure:
    return await Connections(ConnectionBook(replica.states, SEALER), replica.catch_up).of(project, integration)


async def test_the_projects_own_credentials_go_before_the_installations() -> None:
    own = await found(Replica(now=state()), GitHubIntegration("ghp_of-the-installation"))
    default = await found(Replica(), GitHubIntegration("ghp_of-the-installation"))
    assert own == Connection(3, TOKEN)
    assert default == Connection(None, {"token": "ghp_of-the-installation"})


async def test_without_any_it_is_said_what_to_do() -> None:
    failure = await found(Replica(), SlackIntegration(None))
    assert isinstance(failure, Failure)
    assert (failure.error_type, failure.retryable, failure.certain) == ("integration_not_connected", False, True)
    assert "connect it with PUT /v1/projects/p/integrations/slack" in failure.sentence
    assert failure.details == {"integration": "slack", "connect": "/v1/projects/p/integrations/slack"}


async def test_what_the_catalog_has_answered_just_now_holds() -> None:
    assert await found(Replica(late=state()), GitHubIntegration("ghp_of-the-installation")) == Connection(3, TOKEN)
    ended = IntegrationState(project="p", integration="github", connection_version=3)
    failure = await found(Replica(late=ended, now=state()), GitHubIntegration(None))
    assert isinstance(failure, Failure)
    assert failure.error_type == "integration_not_connected"


async def test_a_connection_is_one_projects_alone() -> None:
    assert isinstance(await found(Replica(now=state()), GitHubIntegration(None), "other"), Failure)


async def test_what_needs_no_credentials_is_carried_out_without() -> None:
    class Plain(HttpIntegration):
        """Takes no credentials at all."""

    Plain.connecting = None
    replica = Replica()
    assert await found(replica, HttpIntegration(Room())) == Connection(None, {})
    assert replica.looks == 1
    assert await found(replica, Plain(Room())) == Connection(None, {})
    assert replica.looks == 1


@pytest.mark.parametrize("moved", [state(sealed_for="other"), state().model_copy(update={"sealed": "v1.x.y.z"})])
async def test_credentials_that_were_moved_or_changed_do_not_open(moved: IntegrationState) -> None:
    failure = await found(Replica(now=moved), GitHubIntegration("ghp_of-the-installation"))
    assert isinstance(failure, Failure)
    assert (failure.error_type, failure.certain) == ("fatal_error", True)
    with pytest.raises(CannotOpen):
        ConnectionBook({"p/github": moved}, SEALER).find("p", "github")


async def test_a_broker_that_is_away_is_no_answer() -> None:
    async def away() -> None:
        raise Unavailable("away")

    with pytest.raises(Unavailable):
        await Connections(ConnectionBook({}, SEALER), away).of("p", GitHubIntegration(None))


def test_credentials_are_in_no_repr() -> None:
    assert "ghp_" not in repr(ConnectionBook({"p/github": state()}, SEALER).find("p", "github"))
