"""The catalog dies while it sets up an installation, and while it registers an action."""

import base64
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from deploy.local.readiness import StartFailed, free_ports
from deploy.local.servers import Database
from deploy.local.service import ServicePart, python_spec
from libs.chassis.db.migrator import CHASSIS, migrations_of
from libs.chassis.ids import new_id
from libs.contracts.codec import JsonObject
from tests.e2e.failpoints.acts import patiently
from tests.e2e.failpoints.dying import dying
from tests.e2e.failpoints.world import settled
from tests.e2e.installation import Installation

MIGRATIONS = len(migrations_of(CHASSIS)) + len(migrations_of("services.catalog.migrations"))


@dataclass(frozen=True)
class NewCatalog:
    """A catalog on a database of its own, in which nothing is yet."""

    part: ServicePart
    database: Database
    url: str
    key: str

    async def count(self, table: str) -> int | None:
        """Rows of a table of the catalog; None while there is no such table."""
        connection = await asyncpg.connect(self.database.url)
        try:
            count: int = await connection.fetchval(f"SELECT count(*) FROM catalog.{table}")
            return count
        except asyncpg.UndefinedTableError:
            return None
        finally:
            await connection.close()


@pytest.fixture
async def new_catalog(installation: Installation, tmp_path: Path) -> AsyncIterator[NewCatalog]:
    servers = installation.stack.servers
    database = await servers.create_database()
    (port,), project, key = free_ports(1), new_id("p").replace("_", "-"), f"mbx_{new_id('dying')}"
    environment = {
        "CATALOG_POSTGRES_URL": database.service_urls["catalog"],
        "CATALOG_PORT": str(port),
        "CATALOG_BOOTSTRAP_API_KEY": key,
        "CATALOG_BOOTSTRAP_PROJECT": project,
        "MOBIUS_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "MOBIUS_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    }
    spec = python_spec("catalog", ["services.catalog"], environment, tmp_path / "catalog.log")
    part = ServicePart("catalog", f"http://127.0.0.1:{port}", "/readyz", spec)
    yield NewCatalog(part, database, f"{part.url}/v1/projects/{project}/actions", key)
    await part.stop()
    await servers.drop_database(database)


@pytest.mark.parametrize(
    ("order", "tables"),
    [
        ("migration_applied", {"migrations": None, "journal": None}),
        pytest.param("migration_applied:2", {"migrations": None, "journal": None}, marks=pytest.mark.nightly),
        ("schema_migrated", {"migrations": MIGRATIONS, "journal": 0}),
        pytest.param("catalog_committed", {"journal": 2, "projects": 1, "api_keys": 0}, marks=pytest.mark.nightly),
        pytest.param("catalog_published", {"journal": 2, "projects": 1, "api_keys": 0}, marks=pytest.mark.nightly),
        ("project_made", {"journal": 2, "projects": 1, "api_keys": 0}),
        pytest.param("catalog_committed:2", {"journal": 4, "projects": 1, "api_keys": 1}, marks=pytest.mark.nightly),
    ],
)
async def test_an_installation_that_dies_while_it_is_made_is_made_whole(
    new_catalog: NewCatalog, order: str, tables: dict[str, int | None]
) -> None:
    part = new_catalog.part
    part.tell_once({"CATALOG_FAILPOINT": order})
    with pytest.raises(StartFailed, match=order.partition(":")[0]):
        await part.start()
    assert part.child is not None
    assert await part.child.wait() == -signal.SIGKILL
    assert {table: await new_catalog.count(table) for table in tables} == tables

    await part.start()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {new_catalog.key}"}) as http,
        http.get(new_catalog.url) as answer,
    ):
        assert (answer.status, await answer.json()) == (200, {"items": [], "has_more": False})
    made = {table: await new_catalog.count(table) for table in ("journal", "projects", "api_keys", "outbox")}
    assert made == {"journal": 4, "projects": 1, "api_keys": 1, "outbox": 0}


@pytest.mark.parametrize(
    "order",
    [
        "catalog_committed",
        "catalog_published",
        *(pytest.param(order, marks=pytest.mark.nightly) for order in ("batch_acknowledged", "outbox_forgotten")),
    ],
)
async def test_an_action_that_is_registered_while_it_dies_is_registered_once(
    installation: Installation, order: str
) -> None:
    name, caller, endpoints = new_id("dying").replace("_", "-"), installation.caller, installation.endpoints
    body: JsonObject = {"name": name, "endpoint_url": f"{endpoints.url}/{name}"}
    async with dying(installation, "catalog", order):
        again = await patiently(lambda: caller.post("actions", body))
    shown = await patiently(lambda: caller.get(f"actions/{name}"))
    world = await settled(installation)

    assert again.status in (201, 409)
    assert shown.status == 200
    assert world.types(str(shown.json["id"])) == ["action.created"]
