"""The catalog dies while it sets up an installation, and while actions are registered, changed and deleted."""

import asyncio
import base64
import json
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
from libs.chassis.sealing import Sealed, Sealer
from libs.contracts.action_secrets import secret_aad
from libs.contracts.codec import JsonObject, dump_json
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
    made = {table: await new_catalog.count(table) for table in ("journal", "projects", "api_keys")}
    assert made == {"journal": 4, "projects": 1, "api_keys": 1}
    async with asyncio.timeout(10):
        while await new_catalog.count("outbox"):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "order",
    [
        "catalog_published",
        *(
            pytest.param(order, marks=pytest.mark.nightly)
            for order in ("catalog_committed", "batch_acknowledged", "outbox_forgotten")
        ),
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


@pytest.mark.parametrize("order", ["catalog_committed", pytest.param("catalog_published", marks=pytest.mark.nightly)])
async def test_a_registration_with_a_key_loses_nobody_its_secret(installation: Installation, order: str) -> None:
    name, caller, endpoints = new_id("dying").replace("_", "-"), installation.caller, installation.endpoints
    body = dump_json({"name": name, "endpoint_url": f"{endpoints.url}/{name}"})
    key = {"Idempotency-Key": name}
    async with dying(installation, "catalog", order):
        made = await patiently(lambda: caller.call("POST", "actions", body, key))
    world = await settled(installation)
    (announced,) = world.topics["catalog"][f"action-state/{installation.stack.project}/{name}"]
    (kept,) = json.loads(announced)["data"]["secrets"]
    sealer = Sealer.from_base64(installation.stack.servers.credentials.master_key())
    opened = sealer.open(Sealed.parse(kept["sealed"]), secret_aad(installation.stack.project, name, kept["version"]))

    assert (made.status, made.headers["Idempotency-Replayed"]) == (201, "true")
    assert made.text("signing_secret") == opened.decode()
    assert world.types(made.text("id")) == ["action.created"]


@pytest.mark.parametrize("order", ["catalog_committed", pytest.param("catalog_published", marks=pytest.mark.nightly)])
async def test_a_change_and_an_end_that_it_dies_of_happen_once(installation: Installation, order: str) -> None:
    name, caller, endpoints = new_id("dying").replace("_", "-"), installation.caller, installation.endpoints
    made = await endpoints.register(caller, name)
    seen = {"If-Match": (await caller.get(f"actions/{name}")).headers["ETag"]}
    async with dying(installation, "catalog", order):
        again = await patiently(lambda: caller.call("PATCH", f"actions/{name}", b'{"title": "Changed"}', seen))
    shown = await patiently(lambda: caller.get(f"actions/{name}"))
    async with dying(installation, "catalog", order):
        gone = await patiently(lambda: caller.call("DELETE", f"actions/{name}"))
    world = await settled(installation)
    state = world.topics["catalog"][f"action-state/{installation.stack.project}/{name}"][-1]

    assert (again.status, shown.text("title"), gone.status) == (412, "Changed", 404)
    assert world.types(str(made["id"])) == ["action.created", "action.updated", "action.deleted"]
    assert (json.loads(state)["data"]["deleted"], json.loads(state)["data"]["secrets"]) == (True, [])


@pytest.mark.nightly
async def test_answers_that_it_dies_of_forgetting_are_forgotten(installation: Installation) -> None:
    name, caller, endpoints = new_id("dying").replace("_", "-"), installation.caller, installation.endpoints
    body = dump_json({"name": name, "endpoint_url": f"{endpoints.url}/{name}"})
    made = await caller.call("POST", "actions", body, {"Idempotency-Key": name})
    database = await asyncpg.connect(installation.stack.postgres_url)
    try:
        expired = "UPDATE catalog.idempotency_keys SET expires_at = now() - interval '1 second' WHERE key = $1"
        await database.execute(expired, name)
        async with dying(installation, "catalog", "answers_swept"):
            pass
        kept = await database.fetch("SELECT 1 FROM catalog.idempotency_keys WHERE key = $1", name)
    finally:
        await database.close()
    again = await patiently(lambda: caller.call("POST", "actions", body, {"Idempotency-Key": name}))

    assert (made.status, kept, again.status) == (201, [], 409)


SUPERSEDED = """
    INSERT INTO catalog.journal (stream, seq, key, event)
    SELECT $1, seq, 'p/a', convert_to('{"time": "2020-01-31T09:30:00Z"}', 'UTF8') FROM generate_series(1, 3) AS seq
"""


@pytest.mark.nightly
async def test_states_that_it_dies_of_trimming_are_trimmed_and_the_last_one_stays(installation: Installation) -> None:
    stream = f"action-state/nobodys/{new_id('dying')}"
    database = await asyncpg.connect(installation.stack.postgres_url)
    try:
        await database.execute(SUPERSEDED, stream)
        async with dying(installation, "catalog", "states_trimmed"):
            pass
        kept = [row["seq"] for row in await database.fetch("SELECT seq FROM catalog.journal WHERE stream = $1", stream)]
        await database.execute("DELETE FROM catalog.journal WHERE stream = $1", stream)
    finally:
        await database.close()
    await settled(installation)

    assert kept == [3]
