"""The dispatcher dies while something outside has been asked: what may be repeated is, what may not is not."""

import pytest

from libs.chassis.ids import new_id
from libs.contracts.codec import Json, JsonObject
from tests.e2e.failpoints.acts import ONCE, SAFE, audited, ended, only, patiently, start
from tests.e2e.failpoints.dying import dying
from tests.e2e.failpoints.world import ends_once, settled
from tests.e2e.installation import Installation


@pytest.mark.parametrize("order", ["delivery_answered", pytest.param("delivery_begun", marks=pytest.mark.nightly)])
async def test_a_delivery_that_may_be_repeated_is_sent_again_under_the_same_id(
    installation: Installation, order: str
) -> None:
    async with dying(installation, "dispatcher", order):
        run_id = await start(installation.caller, only(SAFE))
    run = await ended(installation.caller, run_id)
    rows = await audited(installation.caller, run_id, 1)
    ends_once(await settled(installation), run_id, "run.completed")

    posts = installation.endpoints.of_run(run_id)
    assert run["status"] == "completed"
    assert [(post.body["attempt"], post.body["delivery_id"]) for post in posts] == [
        (1, posts[0].body["job_id"]),
        (2, posts[0].body["job_id"]),
    ]
    assert [row["status"] for row in rows] == ["success"]


@pytest.mark.parametrize("order", ["delivery_begun", pytest.param("delivery_answered", marks=pytest.mark.nightly)])
async def test_a_delivery_that_may_not_be_repeated_is_not_and_its_outcome_is_unknown(
    installation: Installation, order: str
) -> None:
    async with dying(installation, "dispatcher", order):
        run_id = await start(installation.caller, only(ONCE))
    assert len(installation.endpoints.of_run(run_id)) == 1
    await unknown(installation, run_id)
    assert len(installation.endpoints.of_run(run_id)) == 1


async def test_an_integration_that_may_not_be_repeated_is_not_and_its_outcome_is_unknown(
    installation: Installation,
) -> None:
    text = new_id("text")
    async with dying(installation, "dispatcher", "integration_answered"):
        run_id = await start(installation.caller, only_slack(text))
    await unknown(installation, run_id)

    assert [message.text for message in installation.slack.messages].count(text) == 1


@pytest.mark.nightly
async def test_a_connection_that_is_tried_while_it_dies_is_tried_again(installation: Installation) -> None:
    caller, stream = installation.caller, f"integration-test/{installation.stack.project}/slack"
    before = len((await settled(installation)).types(stream))
    async with dying(installation, "dispatcher", "connection_tested"):
        again = await patiently(lambda: caller.post("integrations/slack/test", {}))
    world = await settled(installation)

    assert (again.status, again.json["passed"]) == (200, True)
    assert world.types(stream)[before:] == ["integration.tested"] * 2


async def unknown(installation: Installation, run_id: str) -> None:
    """The run fails, once, because nobody can tell what came of its step."""
    run = await ended(installation.caller, run_id)
    rows = await audited(installation.caller, run_id, 1)
    ends_once(await settled(installation), run_id, "run.failed")
    assert run["status"] == "failed"
    assert [row["error_type"] for row in rows] == ["outcome_unknown"]


def only_slack(text: str) -> JsonObject:
    parameters: Json = {"channel": "#ops", "text": text}
    step: Json = {
        "name": "notify",
        "action": "slack.post-message",
        "action_kind": "server",
        "parameters": parameters,
    }
    return {"name": "dying", "steps": [step]}
