"""The dispatcher announces its integrations, carries actions out under the project's credentials, and tries them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aiohttp
import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.ids import new_id
from libs.chassis.sealing import Sealer
from libs.chassis.service import Chassis, Service
from libs.contracts.codec import JsonObject, dump_json, parse_json
from libs.contracts.events.catalog import IntegrationState
from libs.contracts.events.dispatcher import ConnectionTestState, PlatformActionState, PlatformIntegrationState
from libs.contracts.events.engine import StepScheduled
from libs.contracts.integration_credentials import credentials_aad
from services.dispatcher.app import build
from services.dispatcher.settings import DispatcherSettings
from tests.doubles.github import TOKEN, GitHubDouble
from tests.doubles.slack import LocalServer
from tests.integration.delivery.test_entry_points import install, shown
from tests.integration.dispatcher.conftest import MASTER_KEY, settings_of
from tests.integration.dispatcher.speaking import TOKEN as KEY
from tests.integration.dispatcher.speaking import Speaker

ISSUE: JsonObject = {"owner": "reading", "repo": "room", "title": "The lamp is broken"}
SEALER = Sealer.from_base64(MASTER_KEY)


@dataclass
class Stage:
    """A dispatcher whose GitHub is the double, beside a catalog that is played."""

    speaker: Speaker
    http: aiohttp.ClientSession
    url: str
    github: GitHubDouble
    database_url: str
    versions: int = 0

    async def connect(self, token: str = TOKEN, sealed_for: str | None = None) -> int:
        project = self.speaker.project
        sealed = SEALER.seal(dump_json({"token": token}), credentials_aad(sealed_for or project, "github"))
        return await self._say(str(sealed))

    async def disconnect(self) -> int:
        return await self._say(None)

    async def _say(self, sealed: str | None) -> int:
        self.versions += 1
        state = IntegrationState(
            project=self.speaker.project, integration="github", connection_version=self.versions, sealed=sealed
        )
        key = f"{self.speaker.project}/github"
        await self.speaker.say("catalog", f"is/{key}", key, state)
        return self.versions

    async def test(self, slug: str = "github") -> tuple[int, JsonObject]:
        async with self.http.post(f"{self.url}/integrations/{slug}/test") as answer:
            return answer.status, await answer.json()

    async def outcome(self, action: str, parameters: JsonObject) -> JsonObject:
        """Schedules a server step, and waits for what is said of its end."""
        run_id = new_id("run")
        step = StepScheduled(
            run_id=run_id,
            workflow_name="w",
            path="main",
            step="file",
            attempt=1,
            kind="server",
            action=action,
            invocation_id=new_id("inv"),
            queue="default",
            parameters=parameters,
        )
        await self.speaker.say("engine", run_id, run_id, step)
        async with asyncio.timeout(20):
            while (event := await self._end_of(step.invocation_id)) is None:
                await asyncio.sleep(0.02)
        return event

    async def _end_of(self, invocation_id: str) -> JsonObject | None:
        """The terminal event's type and data."""
        connection = await asyncpg.connect(self.database_url)
        try:
            raw = await connection.fetchval(
                "SELECT event FROM dispatcher.journal WHERE stream = $1 ORDER BY seq DESC", invocation_id
            )
        finally:
            await connection.close()
        event = cast(JsonObject, parse_json(bytes(raw))) if raw is not None else {"type": ""}
        is_end = str(event["type"]) in ("invocation.completed", "invocation.failed")
        return {"type": event["type"], **cast(JsonObject, event["data"])} if is_end else None


@pytest.fixture
async def settings(servers: LocalServers, database: Database, url: str) -> DispatcherSettings:
    await servers.create_topics()
    return settings_of(servers, database, github_base_url=url)


@pytest.fixture
def github() -> GitHubDouble:
    return GitHubDouble()


@pytest.fixture
async def url(github: GitHubDouble) -> AsyncIterator[str]:
    async with LocalServer(github.app()) as server:
        yield server.url


@asynccontextmanager
async def running(settings: DispatcherSettings) -> AsyncIterator[Service]:
    """A dispatcher with whatever integrations are installed now."""
    chassis = Chassis("dispatcher")
    service = Service(build(settings, chassis), settings, chassis.registry)
    try:
        await service.start()
        yield service
    finally:
        await service.stop()


@pytest.fixture
async def stage(settings: DispatcherSettings, github: GitHubDouble, database: Database) -> AsyncIterator[Stage]:
    producer = Producer(settings.kafka_bootstrap, "test-speaker")
    speaker = Speaker(producer, new_id("p").replace("_", "-"))
    await speaker.open_project()
    key = {"Authorization": f"Bearer {KEY}"}
    async with running(settings) as service, aiohttp.ClientSession(headers=key) as http:
        host, port = service.server.address
        yield Stage(speaker, http, f"http://{host}:{port}/v1/projects/{speaker.project}", github, database.url)
    await producer.stop()


@dataclass
class Announced:
    """What other services know."""

    integrations: Mapping[str, PlatformIntegrationState]
    actions: Mapping[str, PlatformActionState]


async def announced(settings: DispatcherSettings) -> Announced:
    integrations = Replica("mobius.dispatcher-integration-state.v1", PlatformIntegrationState)
    actions = Replica("mobius.dispatcher-action-state.v1", PlatformActionState)
    reader = StateReader(settings.kafka_bootstrap, "test-announced", [integrations, actions])
    await reader.start()
    await reader.stop()
    return Announced(integrations, actions)


async def test_integrations_and_actions_are_announced(stage: Stage, settings: DispatcherSettings) -> None:
    said = await announced(settings)
    built_in = {slug: said.integrations[slug] for slug in ("slack", "github", "http")}
    needs = {slug: (one.needs_connection, one.has_default) for slug, one in built_in.items()}
    assert needs == {"slack": (True, False), "github": (True, False), "http": (False, False)}
    schema = built_in["github"].credentials_schema
    assert schema is not None
    assert cast("dict[str, JsonObject]", schema["properties"])["token"]["writeOnly"] is True
    assert (said.actions["http.request"].available, said.actions["github.create-issue"].available) == (True, False)


async def test_a_package_is_offered_as_long_as_it_is_installed_and_a_broken_one_is_not(
    settings: DispatcherSettings, tmp_path: Path
) -> None:
    install(tmp_path, "notebook", "mobius_notebook:Notebook", shown("python"))
    install(tmp_path, "broken", "mobius_broken:Broken", "raise RuntimeError('not today')\n")
    with pytest.MonkeyPatch.context() as patch, capture_logs() as logged:
        patch.syspath_prepend(tmp_path)
        async with running(settings) as service:
            async with asyncio.timeout(20):
                while service.reasons():
                    await asyncio.sleep(0.02)
            offered = await announced(settings)
    refused = [line["integration"] for line in logged if line["event"] == "integration_refused"]
    async with running(settings):
        left = await announced(settings)

    assert refused == ["broken"]
    assert offered.integrations["notebook"].needs_connection
    assert [offered.integrations["notebook"].withdrawn, offered.actions["notebook.add-note"].withdrawn] == [False] * 2
    assert [left.integrations["notebook"].withdrawn, left.actions["notebook.add-note"].withdrawn] == [True] * 2
    assert not left.actions["github.create-issue"].withdrawn


async def test_a_step_is_carried_out_under_the_projects_credentials_as_they_were_answered_last(stage: Stage) -> None:
    stage.github.tokens.add("ghp_the-second-token")
    refused = [await stage.outcome("github.create-issue", ISSUE)]
    await stage.connect()
    done = [await stage.outcome("github.create-issue", ISSUE)]
    await stage.connect("ghp_the-second-token")
    done.append(await stage.outcome("github.create-issue", ISSUE))
    await stage.disconnect()
    refused.append(await stage.outcome("github.create-issue", ISSUE))

    assert [one["type"] for one in done] == ["invocation.completed"] * 2
    assert cast(JsonObject, done[0]["result"])["number"] == 7
    assert [asked.token for asked in stage.github.asked] == [TOKEN, "ghp_the-second-token"]
    assert [one["error_type"] for one in refused] == ["integration_not_connected"] * 2
    assert "connect it with PUT" in str(refused[0]["error_message"])


async def test_credentials_of_another_place_are_not_used(stage: Stage) -> None:
    await stage.connect(sealed_for="another-project")
    assert (await stage.outcome("github.create-issue", ISSUE))["error_type"] == "fatal_error"
    assert (await stage.test())[0] == 409
    assert stage.github.asked == []


async def test_a_trial_is_answered_kept_and_said(stage: Stage, settings: DispatcherSettings) -> None:
    not_connected = await stage.test()
    await stage.connect("ghp_never-was-a-token")
    _, failed = await stage.test()
    version = await stage.connect()
    status, passed = await stage.test()

    error = cast(JsonObject, not_connected[1]["error"])
    assert (not_connected[0], error["code"]) == (409, "integration_not_connected")
    assert (failed["passed"], failed["error_type"]) == (False, "fatal_error")
    assert "ghp_never" not in str(failed)
    assert (status, passed["passed"], passed["connection"], "error_type" in passed) == (200, True, "project", False)

    tests = Replica("mobius.dispatcher-connection-test-state.v1", ConnectionTestState)
    reader = StateReader(settings.kafka_bootstrap, "test-trials", [tests])
    await reader.start()
    await reader.stop()
    kept = tests[f"{stage.speaker.project}/github"]
    assert (kept.passed, kept.connection_version, kept.tested_by) == (True, version, "key_1")


async def test_where_there_is_nothing_to_try_it_is_said(stage: Stage) -> None:
    assert (await stage.test("never-was"))[0] == 404
    status, refused = await stage.test("http")
    assert (status, cast(JsonObject, refused["error"])["code"]) == (409, "integration_not_connected")
