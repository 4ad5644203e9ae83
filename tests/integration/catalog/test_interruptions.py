"""Connections that break and processes that die: what was answered stays, what was not can be asked again."""

import asyncio
import base64
import signal
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from deploy.local.readiness import free_ports
from deploy.local.servers import Database
from deploy.local.service import ServicePart, python_spec
from libs.chassis.db.errors import OutcomeUnknown, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.statement import Part, run
from libs.chassis.journal import commit as committing
from libs.chassis.outbox.relay import Relay
from services.catalog.settings import CatalogSettings
from services.catalog.store import commits
from tests.integration.catalog.running import ENDPOINT, Catalog, bearer


async def test_broken_connections_are_opened_again(catalog: Catalog, database: Database) -> None:
    await catalog.create("before")
    administrator = await asyncpg.connect(database.url)
    try:
        ended = await administrator.fetch(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'catalog-%'"
            " AND datname = current_database()"
        )
    finally:
        await administrator.close()
    assert len(ended) >= 3

    async with asyncio.timeout(10):
        while (await catalog.post("/actions", {"name": "after", "endpoint_url": ENDPOINT}))[0] == 503:
            await asyncio.sleep(0.05)
    assert (await catalog.get("/actions/after"))[0] == 200


class Interruption:
    """Stands in for the commit: the connection breaks once, before or after the statement took effect."""

    def __init__(self, *, took_effect: bool) -> None:
        self.times = 0
        self._took_effect = took_effect

    async def __call__(self, link: Link, parts: Sequence[Part]) -> None:
        self.times += 1
        if self.times > 1 or self._took_effect:
            await run(link, parts)
        if self.times == 1:
            raise OutcomeUnknown("expected an answer to the commit, but the connection broke")


@pytest.mark.parametrize("took_effect", [True, False])
async def test_an_interrupted_commit_is_carried_through_once(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, *, took_effect: bool
) -> None:
    interruption = Interruption(took_effect=took_effect)
    monkeypatch.setattr(committing, "run", interruption)
    created = await catalog.create("summarize")
    created.pop("signing_secret")

    assert interruption.times == 2
    assert await catalog.get("/actions") == (200, {"items": [created], "has_more": False})


class Overtaken:
    """The connection breaks before the statement took effect, and somebody else takes the name meanwhile."""

    def __init__(self, url: str) -> None:
        self._other: Link | None = Link(url, "test-other")

    async def __call__(self, link: Link, parts: Sequence[Part]) -> None:
        other, self._other = self._other, None
        if other is None:
            return await run(link, parts)
        (inserted,) = [part for part in parts if part.name == "action_inserted"]
        await run(other, [Part("action_inserted", inserted.sql, ("act_0other", *inserted.args[1:]))])
        await other.close()
        raise OutcomeUnknown("expected an answer to the commit, but the connection broke")


async def test_an_interrupted_commit_that_somebody_overtook_is_decided_again(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "run", Overtaken(catalog.settings.postgres_url.get_secret_value()))

    assert (await catalog.post("/actions", {"name": "summarize", "endpoint_url": ENDPOINT}))[0] == 409


async def test_a_process_that_is_killed_comes_back_with_what_it_answered(
    settings: CatalogSettings, tmp_path: Path
) -> None:
    part, token = process(settings, tmp_path)
    url = f"{part.url}/v1/projects/{settings.bootstrap_project}/actions"
    async with aiohttp.ClientSession(headers=bearer(token)) as http:
        await part.start()
        assert part.child is not None
        names = [f"number-{number}" for number in range(5)]
        for name in names:
            async with http.post(url, json={"name": name, "endpoint_url": "https://example.com/"}) as response:
                assert response.status == 201
        part.child.kill()
        assert await part.child.wait() == -signal.SIGKILL
        await part.start()
        async with http.get(url) as response:
            assert [item["name"] for item in (await response.json())["items"]] == names[::-1]
    assert await part.child.stop(20) == 0


async def test_a_process_without_its_settings_says_what_is_missing(tmp_path: Path) -> None:
    log = tmp_path / "catalog.log"
    part = ServicePart("catalog", "", "", python_spec("catalog", ["services.catalog"], {"PATH": ""}, log))
    with pytest.raises(Exception, match="MASTER_KEY"):
        await part.start()
    assert part.child is not None
    assert await part.child.wait() == 2


async def test_an_installation_that_nobody_could_come_into_is_not_begun(
    settings: CatalogSettings, tmp_path: Path
) -> None:
    part, token = process(settings, tmp_path, with_key=False)
    with pytest.raises(Exception, match="expected CATALOG_BOOTSTRAP_API_KEY at the first start"):
        await part.start()
    assert part.child is not None
    assert await part.child.wait() == 1
    assert token not in (tmp_path / "catalog.log").read_text()

    first, _ = process(settings, tmp_path)
    await first.start()
    assert first.child is not None
    assert await first.child.stop(20) == 0
    later, _ = process(settings, tmp_path, with_key=False)
    await later.start()
    assert later.child is not None
    assert await later.child.stop(20) == 0


def process(settings: CatalogSettings, folder: Path, *, with_key: bool = True) -> tuple[ServicePart, str]:
    """`python -m services.catalog` with the settings of a test, and its key."""
    assert settings.bootstrap_api_key is not None
    (port,) = free_ports(1)
    token = settings.bootstrap_api_key.get_secret_value()
    environment = {
        "CATALOG_POSTGRES_URL": settings.postgres_url.get_secret_value(),
        "CATALOG_PORT": str(port),
        **({"CATALOG_BOOTSTRAP_API_KEY": token} if with_key else {}),
        "CATALOG_BOOTSTRAP_PROJECT": settings.bootstrap_project,
        "MOBIUS_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "MOBIUS_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    }
    spec = python_spec("catalog", ["services.catalog"], environment, folder / "catalog.log")
    return ServicePart("catalog", f"http://127.0.0.1:{port}", "/readyz", spec), token


async def test_a_change_that_stands_is_answered_though_nobody_can_tell_whether_it_was_said(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_ours(*_: object) -> bool:
        return False

    async def away(*_: object) -> bool:
        raise Unavailable("expected an answer, but the database is away")

    monkeypatch.setattr(Relay, "published", not_ours)
    monkeypatch.setattr(commits.Commits, "_is_unpublished", away)
    monkeypatch.setattr(commits, "LOOK_AGAIN", timedelta(seconds=1))
    created = await catalog.create("summarize")
    assert str(created["signing_secret"]).startswith("whsec_")
