"""An attempt goes by what the catalog has answered before it began, or waits for that."""

import pytest

from libs.chassis.db.errors import Unavailable
from libs.chassis.sealing import Sealer
from libs.contracts.action_secrets import secret_aad
from libs.contracts.events.catalog import ActionState, SealedSecret
from services.dispatcher.delivery.endpoints import Endpoints
from services.dispatcher.delivery.verdict import Failure
from services.dispatcher.store.actions import ActionBook, Endpoint
from tests.doubles.clock import NOON

SEALER = Sealer({"k1": bytes(32)}, "k1")


def state(url: str) -> ActionState:
    sealed = str(SEALER.seal(b"whsec_x", secret_aad("p", "work", 1)))
    secrets = [SealedSecret(version=1, sealed=sealed)]
    return ActionState(action_id="act_1", project="p", name="work", endpoint_url=url, secrets=secrets)


async def found(known: dict[str, ActionState], at_the_end: dict[str, ActionState]) -> Endpoint | Failure:
    """What is found when the replica learns of `at_the_end` only when it is read to its end."""

    async def catch_up() -> None:
        known.update(at_the_end)

    return await Endpoints(ActionBook(known, SEALER, lambda: NOON), catch_up).of("p", "work")


@pytest.mark.parametrize("known", [{}, {"p/work": state("http://old.test/")}])
async def test_what_the_catalog_has_answered_just_now_holds(known: dict[str, ActionState]) -> None:
    endpoint = await found(dict(known), {"p/work": state("http://new.test/")})
    assert isinstance(endpoint, Endpoint)
    assert endpoint.url == "http://new.test/"


async def test_an_action_that_is_not_there_even_now_is_gone() -> None:
    for at_the_end in ({}, {"p/work": state("http://old.test/").model_copy(update={"deleted": True})}):
        failure = await found({}, at_the_end)
        assert isinstance(failure, Failure)
        assert (failure.error_type, failure.details) == ("fatal_error", {"cause": "action_gone"})


async def test_a_broker_that_is_away_is_no_answer() -> None:
    async def away() -> None:
        raise Unavailable("away")

    with pytest.raises(Unavailable):
        await Endpoints(ActionBook({"p/work": state("http://old.test/")}, SEALER, lambda: NOON), away).of("p", "work")
