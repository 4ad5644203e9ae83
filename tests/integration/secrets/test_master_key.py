"""The master key is rotated under load: `mobius-admin keys rotate-master` in a process of its own, others at work."""

import asyncio
import base64
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from deploy.local.service import CHECKOUT
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.sealing import Sealed, Sealer, key_id
from libs.contracts.events.catalog import ActionState, IntegrationState
from libs.contracts.events.dispatcher import JobCompleted
from libs.contracts.topics import SERVICES, topic_for
from services.catalog.store.sealed_columns import SEALED_COLUMNS
from services.catalog.workers.resealer import AT_ONCE
from services.dispatcher.store.connections import ConnectionBook
from tests.integration.catalog.running import Catalog
from tests.integration.secrets.house import NAME, ROTATE, Ended, House, seen

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
OLD_ID, NEW_ID = (key_id(base64.b64decode(key)) for key in (OLD, NEW))
BOTH = f"{NEW},{OLD}"
SEALED = re.compile(r"\bv1\.([0-9a-f]{8})\.[\w-]{16}\.[\w-]{20,}")

CONNECTION = {"credentials": {"origin": "https://x.test", "bearer_token": "a-token-of-the-other-side"}}


@dataclass
class Told:
    """How a command ended, and what it said."""

    status: int
    text: str


async def rotate_master(house: House, master_key: str, **settings: str) -> Told:
    """The command, with the catalog's settings."""
    process = await asyncio.create_subprocess_exec(
        str(CHECKOUT / "mobius-admin"),
        "keys",
        "rotate-master",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHON": sys.executable,
            "CATALOG_POSTGRES_URL": house.database.service_urls["catalog"],
            "MOBIUS_KAFKA_BOOTSTRAP": house.servers.kafka_bootstrap,
            "MOBIUS_MASTER_KEY": master_key,
            **settings,
        },
    )
    text, _ = await process.communicate()
    return Told(process.returncode or 0, text.decode())


async def keys_of_rows(house: House) -> set[str]:
    """The ids of the keys that the catalog's rows are sealed under."""
    connection = await asyncpg.connect(house.database.service_urls["catalog"])
    try:
        rows = await connection.fetch("SELECT sealed FROM action_secrets")
    finally:
        await connection.close()
    return {Sealed.parse(sealed).key_id for (sealed,) in rows}


async def keys_of_states(house: House) -> set[str]:
    """The same of what is announced."""
    states = Replica(topic_for("catalog", ActionState.type).name, ActionState)
    reader = StateReader(house.servers.kafka_bootstrap, "test-states", [states])
    await reader.start()
    await reader.stop()
    own = [state for state in states.values() if state.project == house.speaker.project]
    pending = [state.pending_secret for state in own if state.pending_secret is not None]
    assert own
    signing = [one for state in own for one in state.secrets]
    return {Sealed.parse(text).key_id for text in (*(one.sealed for one in signing), *(one.sealed for one in pending))}


@dataclass
class Traffic:
    """Deliveries, one after the other, for as long as a block lasts."""

    ended: list[Ended] = field(default_factory=list)


@asynccontextmanager
async def traffic(house: House) -> AsyncIterator[Traffic]:
    going_on = Traffic()

    async def deliver() -> None:
        while True:
            going_on.ended.append(await house.deliver())

    tasks = [asyncio.create_task(deliver()) for _ in range(3)]
    try:
        yield going_on
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def test_everything_is_deliverable_while_the_master_key_is_rotated_and_afterwards_without_the_old_one(
    house: House,
) -> None:
    async with house.catalog(OLD) as catalog:
        await house.register(catalog)
        await asyncio.gather(*(house.register(catalog, f"{NAME}-{number}") for number in range(AT_ONCE + 10)))
        _, waiting = await catalog.post(f"/actions/{NAME}-1/secret/rotate", {"probe": True})
        _, rotated = await catalog.post(ROTATE, {"grace_seconds": 3600})
        house.receiver.secrets.append(str(rotated["signing_secret"]))
    assert await keys_of_rows(house) == {OLD_ID}

    async with house.catalog(BOTH) as catalog, house.dispatcher(BOTH):
        async with traffic(house) as under_way:
            assert isinstance(await house.deliver(), JobCompleted)
            told = await rotate_master(house, BOTH)
            assert isinstance(await house.deliver(), JobCompleted)
        _, newer = await catalog.post(ROTATE, {"grace_seconds": 3600})
        house.receiver.secrets.append(str(newer["signing_secret"]))
        assert isinstance(await house.deliver(), JobCompleted)

    whole = AT_ONCE + 10 + 3
    assert told.status == 0, told.text
    assert f"signing secrets: {AT_ONCE} of {whole} sealed again" in told.text
    assert f"done: {whole} sealed again; the old key can be taken out of the settings" in told.text
    assert [one for one in under_way.ended if not isinstance(one, JobCompleted)] == []
    assert len(under_way.ended) > 3
    assert await keys_of_rows(house) == await keys_of_states(house) == {NEW_ID}

    house.receiver.secrets.append(str(waiting["signing_secret"]))
    async with house.catalog(NEW) as catalog, house.dispatcher(NEW):
        assert isinstance(await house.deliver(), JobCompleted)
        assert isinstance(await house.deliver(f"{NAME}-2"), JobCompleted)
        await seen(catalog, lambda shown: shown[2]["status"] == "active", f"{NAME}-1")
    assert house.receiver.deliveries[-2].signatures == 3


async def test_an_answer_that_is_kept_is_given_again_after_the_rotation(house: House) -> None:
    body, once = {"name": NAME, "endpoint_url": house.receiver.url}, {"Idempotency-Key": "once"}
    async with house.catalog(OLD) as catalog:
        first = await catalog.post("/actions", body, headers=once)
        _, rotated = await catalog.post(ROTATE, {}, headers=once | {"Idempotency-Key": "twice"})
        assert (await rotate_master(house, BOTH)).status == 0
    async with house.catalog(NEW) as catalog:
        assert await catalog.post("/actions", body, headers=once) == first
        _, again = await catalog.post(ROTATE, {}, headers=once | {"Idempotency-Key": "twice"})
        shown = await seen(catalog, bool)

    assert first[0] == 201
    assert again == rotated
    assert list(shown) == [2, 1]


async def test_what_does_not_open_is_named_and_left_and_the_rest_is_done(house: House) -> None:
    async with house.catalog(OLD) as catalog:
        for name in ("swapped", "flipped", "whole"):
            await house.register(catalog, name)
        connection = await asyncpg.connect(house.database.service_urls["catalog"])
        try:
            ids = {row["name"]: row["action_id"] for row in await connection.fetch("SELECT * FROM actions")}
            seal = "(SELECT sealed FROM action_secrets WHERE action_id = $2)"
            swap = f"UPDATE action_secrets SET sealed = {seal} WHERE action_id = $1"
            await connection.execute(swap, ids["swapped"], ids["whole"])
            flip = "UPDATE action_secrets SET sealed = translate(sealed, 'abAB', 'baBA') WHERE action_id = $1"
            await connection.execute(flip, ids["flipped"])
        finally:
            await connection.close()
        told = await rotate_master(house, BOTH)

    assert told.status == 1, told.text
    assert f"does not open: action_secrets (action_id {ids['swapped']}, version 1): expected" in told.text
    assert f"action_id {ids['flipped']}" in told.text
    assert "done, but 2 are not under the active key: keep the old key" in told.text
    assert ids["whole"] not in told.text
    assert "whsec_" not in told.text


async def test_a_rotation_that_dies_half_way_is_finished_by_the_next(house: House) -> None:
    async with house.catalog(OLD) as catalog:
        await asyncio.gather(*(house.register(catalog, f"{NAME}-{number}") for number in range(AT_ONCE + 1)))
        died = await rotate_master(house, BOTH, CATALOG_FAILPOINT="catalog_committed")
        assert await keys_of_rows(house) == {OLD_ID, NEW_ID}
        again = await rotate_master(house, BOTH)

    assert died.status in (-signal.SIGKILL, 128 + signal.SIGKILL), died.text
    assert "done: 1 sealed again" in again.text
    assert await keys_of_rows(house) == await keys_of_states(house) == {NEW_ID}


async def test_a_key_that_is_missing_loses_nothing(house: House) -> None:
    async with house.catalog(OLD) as catalog:
        await house.register(catalog)
    told = await rotate_master(house, NEW)

    assert told.status == 1
    assert f"expected a key that is configured, but '{OLD_ID}' is not" in told.text
    assert await keys_of_rows(house) == {OLD_ID}


async def test_a_wrong_password_is_a_sentence_and_tells_none(house: House) -> None:
    url = house.database.service_urls["catalog"]
    wrong = re.sub(r"(//[^:/]+:)[^@]+@", r"\1not-the-password@", url)
    assert wrong != url
    told = await rotate_master(house, BOTH, CATALOG_POSTGRES_URL=wrong)

    assert told.status == 1
    assert "stopped: password authentication failed" in told.text
    assert "Traceback" not in told.text
    assert "not-the-password" not in told.text


async def test_where_no_catalog_runs_the_command_says_itself_what_it_has_done(house: House) -> None:
    async with house.catalog(OLD) as catalog:
        await house.register(catalog)

    assert (await rotate_master(house, BOTH)).status == 0
    assert await keys_of_states(house) == {NEW_ID}


async def sealed_places(house: House, catalog: Catalog) -> set[str]:
    """The columns of the catalog in which something sealed stands, whatever they are called."""
    connection = await asyncpg.connect(house.database.service_urls["catalog"])
    try:
        columns = await connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'catalog' AND data_type IN ('text', 'json', 'jsonb')"
        )
        return {
            f"{table}.{column}"
            for table, column in columns
            for (text,) in await connection.fetch(f"SELECT {column}::text FROM {table}")
            if text is not None and SEALED.search(text)
        }
    finally:
        await connection.close()


async def test_every_place_in_which_something_sealed_is_found_is_in_the_table_of_sealed_columns(house: House) -> None:
    async with house.dispatcher(OLD), house.catalog(OLD) as catalog:
        assert (await catalog.call("PUT", "/integrations/http", json=CONNECTION))[0] == 201
        body = {"name": NAME, "endpoint_url": house.receiver.url}
        assert (await catalog.post("/actions", body, headers={"Idempotency-Key": "one"}))[0] == 201
        assert (await catalog.post(ROTATE, {"probe": True}, headers={"Idempotency-Key": "two"}))[0] == 200
        found = await sealed_places(house, catalog)

    assert found == {f"{column.table}.{column.column}" for column in SEALED_COLUMNS}


async def test_the_credentials_of_connections_are_sealed_again_and_announced(house: House) -> None:
    async with house.dispatcher(OLD), house.catalog(OLD) as catalog:
        assert (await catalog.call("PUT", "/integrations/http", json=CONNECTION))[0] == 201
    assert (await rotate_master(house, BOTH)).status == 0

    states = Replica(topic_for("catalog", IntegrationState.type).name, IntegrationState)
    reader = StateReader(house.servers.kafka_bootstrap, "test-connections", [states])
    await reader.start()
    await reader.stop()
    project = house.speaker.project
    connection = ConnectionBook(states, Sealer.from_base64(NEW)).find(project, "http")
    assert connection is not None
    assert connection.credentials == CONNECTION["credentials"]


def test_a_column_that_is_called_sealed_is_in_the_table_and_no_other_service_has_one() -> None:
    named = {
        f"{service}.{table}.{column}"
        for service in SERVICES
        for table, body in re.findall(r"CREATE TABLE \w+\.(\w+) \((.*?)\);", _schema(service), re.DOTALL)
        for column in re.findall(r"^\s+(\w*sealed\w*) ", body, re.MULTILINE)
    }

    by_cookies = {"audit.sessions.sealed_key"}  # under a key that only the browser has, and no master key
    assert named - by_cookies <= {f"catalog.{column.table}.{column.column}" for column in SEALED_COLUMNS}
    assert named


def _schema(service: str) -> str:
    return (Path(CHECKOUT) / "services" / service / "migrations" / "schema.sql").read_text()


def test_the_two_keys_have_names_of_their_own() -> None:
    assert Sealer.from_base64(BOTH).active == NEW_ID != OLD_ID
