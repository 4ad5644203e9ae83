"""Who comes in, and how far: keys, projects, roles. And what the first start makes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from libs.chassis.bus.producer import Producer
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import SHARDS, Context
from libs.chassis.outbox.relay import Relay
from libs.contracts.api_keys import token_sha256
from libs.contracts.events.catalog import Role
from services.catalog.domain.keys import CreateApiKey
from services.catalog.domain.project_commands import CreateProject
from services.catalog.settings import CatalogSettings
from services.catalog.store.commits import Commits
from services.catalog.store.keys import Keys
from services.catalog.store.projects import Projects
from tests.integration.catalog.running import ENDPOINT, Catalog, bearer, started

ACTION = {"name": "summarize", "endpoint_url": ENDPOINT}


@asynccontextmanager
async def beside(settings: CatalogSettings) -> AsyncIterator[tuple[Projects, Keys]]:
    """Projects and keys as another process has them."""
    async with stores(settings) as (reads, commits):
        yield Projects(reads, commits), Keys(reads, commits)


@asynccontextmanager
async def stores(settings: CatalogSettings) -> AsyncIterator[tuple[Reads, Commits]]:
    """What another process reads and writes by: its relay owns no shard while the catalog under test runs."""
    url = settings.postgres_url.get_secret_value()
    producer, reads = Producer(settings.kafka_bootstrap, "test-beside"), Reads(url, "test-beside", size=1)
    relay = Relay("catalog", url, producer)
    commits = Commits(url, relay, timedelta(seconds=5))
    await producer.start()
    await relay.start()
    await reads.start()
    try:
        yield reads, commits
    finally:
        await commits.stop()
        await reads.stop()
        await relay.stop()
        await producer.stop()


async def issued(settings: CatalogSettings, role: Role, project: str | None) -> dict[str, str]:
    """A fresh key's header."""
    token = f"mbx_{new_id('test')}"
    command = CreateApiKey(new_id("key"), token_sha256(token), "test", role, project)
    async with beside(settings) as (_, keys):
        made = await keys.create(command, Context("catalog", project or "", datetime.now(UTC)))
    assert not isinstance(made, Rejected)
    return bearer(token)


async def other_project(settings: CatalogSettings) -> str:
    handle = new_id("q").replace("_", "-")
    async with beside(settings) as (projects, _):
        command = CreateProject(new_id("prj"), "Other", handle)
        made = await projects.create(command, Context("catalog", handle, datetime.now(UTC)))
    assert not isinstance(made, Rejected)
    return handle


@pytest.mark.parametrize(
    "header",
    [
        {"Authorization": ""},
        bearer("mbx_wrong"),
        bearer("not-a-key"),
        {"Authorization": "Basic bWJ4X3dyb25nOg=="},
        {"Authorization": "mbx_wrong"},
    ],
)
async def test_without_a_valid_key_nothing_is_answered(catalog: Catalog, header: dict[str, str]) -> None:
    for method, path in (
        ("GET", "/actions"),
        ("POST", "/actions"),
        ("GET", "/actions/catalog"),
        ("GET", "/v1/nowhere"),
    ):
        status, answer = await catalog.call(method, path, headers=header)
        assert status == 401
        assert answer == {
            "error": {
                "code": "unauthorized",
                "message": "expected a valid API key as a bearer token, but there is none",
            }
        }


async def test_health_is_answered_without_a_key(catalog: Catalog) -> None:
    for path in ("/healthz", "/readyz"):
        async with catalog.http.get(catalog.origin + path, headers={"Authorization": ""}) as response:
            assert response.status == 200


async def test_a_key_that_another_process_just_issued_works_here(catalog: Catalog) -> None:
    key = await issued(catalog.settings, "viewer", catalog.project)

    assert (await catalog.get("/actions", headers=key))[0] == 200


async def test_another_projects_key_does_not_learn_that_this_one_exists(catalog: Catalog) -> None:
    await catalog.create("summarize")
    other = await other_project(catalog.settings)
    key = await issued(catalog.settings, "admin", other)
    foreign = await catalog.get("/actions/summarize", headers=key)
    unknown = await catalog.get("/v1/projects/never-made/actions/summarize", headers=key)

    assert foreign == unknown
    assert foreign[0] == 404
    assert await catalog.get(f"/v1/projects/{other}/actions", headers=key) == (200, {"items": [], "has_more": False})


async def test_a_project_does_not_see_another_ones_actions(catalog: Catalog) -> None:
    await catalog.create("summarize")
    other = await other_project(catalog.settings)

    assert (await catalog.get(f"/v1/projects/{other}/actions/summarize"))[0] == 404
    assert (await catalog.post(f"/v1/projects/{other}/actions", ACTION))[0] == 201


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("worker", 403), ("author", 201), ("admin", 201)])
async def test_creating_needs_an_author(catalog: Catalog, role: Role, status: int) -> None:
    key = await issued(catalog.settings, role, catalog.project)
    answered, body = await catalog.post("/actions", ACTION, headers=key)

    assert answered == status, body
    assert (await catalog.get("/actions", headers=key))[0] == 200


async def test_a_key_may_name_its_project(catalog: Catalog) -> None:
    assert catalog.settings.bootstrap_api_key is not None
    token = catalog.settings.bootstrap_api_key.get_secret_value()
    other = await other_project(catalog.settings)

    assert (await catalog.get("/actions", headers=bearer(f"{catalog.project}/{token}")))[0] == 200
    assert (await catalog.get("/actions", headers=bearer(f"{other}/{token}")))[0] == 404


async def test_another_bootstrap_key_is_added_beside_the_first(catalog: Catalog) -> None:
    token = f"mbx_{new_id('test')}"
    settings = catalog.settings.model_copy(update={"bootstrap_api_key": SecretStr(token)})
    async with started(settings) as again:
        assert (await again.get("/actions"))[0] == 200
        assert (await catalog.get("/actions", headers=bearer(token)))[0] == 200

    assert (await catalog.get("/actions"))[0] == 200


async def test_a_catalog_whose_first_key_is_not_said_yet_is_not_open(settings: CatalogSettings) -> None:
    hasty = settings.model_copy(update={"publish_seconds": 0.1})
    owner = await asyncpg.connect(settings.postgres_url.get_secret_value())
    for shard in range(SHARDS):  # whoever owns the shards says nothing for now
        assert await owner.fetchval("SELECT pg_try_advisory_lock(hashtext('catalog-relay'), $1)", shard)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(stack.enter_async_context(started(hasty)))
        stack.push_async_callback(owner.close)
        done, _ = await asyncio.wait([starting], timeout=2)
        assert not done
        assert await owner.fetchval("SELECT count(*) FROM outbox") > 0

        await owner.execute("SELECT pg_advisory_unlock_all()")
        catalog = await asyncio.wait_for(starting, 30)
        assert (await catalog.get("/actions"))[0] == 200


async def test_the_first_things_are_made_once(catalog: Catalog) -> None:
    async with started(catalog.settings), beside(catalog.settings) as (projects, _):
        again = await projects.create(
            CreateProject(new_id("prj"), "Again", catalog.project),
            Context("catalog", catalog.project, datetime.now(UTC)),
        )

    assert isinstance(again, Rejected)
    assert again.kind == "already_exists"
