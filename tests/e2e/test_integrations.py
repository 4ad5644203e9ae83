"""A project connects, runs a step, tries its credentials, disconnects, and is refused: through the gateway."""

from collections.abc import AsyncIterator

import pytest

from demo.answers import Run
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json, JsonObject, dump_json
from tests.doubles.github import TOKEN, GitHubDouble
from tests.e2e.calls import Caller, Reply
from tests.e2e.installation import Installation

ISSUE: JsonObject = {"owner": "reading", "repo": "room", "title": "The lamp in ${inputs.place} is broken"}


@pytest.fixture
def github(installation: Installation) -> GitHubDouble:
    return installation.github


@pytest.fixture
async def disconnected(caller: Caller) -> AsyncIterator[None]:
    yield
    await caller.call("DELETE", "integrations/github")


async def connect(caller: Caller, slug: str, credentials: JsonObject) -> Reply:
    return await caller.call("PUT", f"integrations/{slug}", dump_json({"credentials": credentials}))


async def run_of(api: MobiusApi, action: str, parameters: JsonObject) -> Run:
    step: Json = {"name": "do", "action": action, "action_kind": "server", "parameters": parameters, "store": "done"}
    spec: Json = {
        "name": "integrations",
        "inputs": [{"name": "place", "type": "string", "default": "the hall"}],
        "steps": [step],
        "outputs": [{"name": "done", "variable": "done"}],
    }
    started = await api.post("runs", {"mode": "inline", "spec": spec}, Run)
    return await follow_run(api, started.id, lambda _: None)


async def is_available(caller: Caller) -> Json:
    return (await caller.get("actions/catalog/github.create-issue")).json["available"]


async def test_a_connection_from_its_first_day_to_its_last(
    caller: Caller, api: MobiusApi, github: GitHubDouble, disconnected: None
) -> None:
    available, asked_before = [await is_available(caller)], len(github.asked)
    refused = [await run_of(api, "github.create-issue", ISSUE)]
    made = await connect(caller, "github", {"token": TOKEN})
    available.append(await is_available(caller))
    done = await run_of(api, "github.create-issue", ISSUE)
    tried = await caller.post("integrations/github/test", {})
    shown = await caller.get("integrations/github")
    ended = await caller.call("DELETE", "integrations/github")
    available.append(await is_available(caller))
    refused.append(await run_of(api, "github.create-issue", ISSUE))

    assert (made.status, done.status, tried.status, ended.status) == (201, "completed", 200, 204)
    assert available == [False, True, False]
    assert (tried.json["passed"], shown.json["last_test"]) == (
        True,
        {"passed": True, "tested_at": tried.json["tested_at"], "tested_by": shown.json["connected_by"]},
    )
    (asked,) = [one for one in github.asked[asked_before:] if one.method == "POST"]
    assert asked.token == TOKEN
    assert asked.body == {"title": "The lamp in the hall is broken"}
    for run in refused:
        assert run.status == "failed"
        assert await error_types(caller, run) == ["integration_not_connected"]
    for reply in (made, tried, shown):
        assert TOKEN.encode() not in reply.raw


async def error_types(caller: Caller, run: Run) -> list[Json]:
    steps = await caller.get(f"runs/{run.id}/steps")
    return [step["error_type"] for step in steps.items]


async def test_a_project_without_a_connection_uses_the_installations(
    caller: Caller, api: MobiusApi, installation: Installation
) -> None:
    user = await run_of(api, "slack.look-up-user", {"email": "ada@x.test"})
    tried = await caller.post("integrations/slack/test", {})
    assert user.status == "completed"
    assert (tried.json["passed"], tried.json["connection"]) == (True, "installation")


async def test_http_needs_no_connection(caller: Caller, api: MobiusApi, installation: Installation) -> None:
    url = f"{installation.endpoints.url}/"
    run = await run_of(api, "http.request", {"url": url, "expected_statuses": [404]})
    assert run.status == "completed"
    assert (await caller.get("actions/catalog/http.request")).json["available"] is True
