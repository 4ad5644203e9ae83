"""PostgreSQL is slow, or does not answer at all, or has no connection left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest

from libs.contracts.codec import JsonObject
from tests.e2e.calls import Reply
from tests.e2e.limits.evidence import check
from tests.e2e.limits.load import Load, body, pressing
from tests.e2e.limits.strained import QUEUE_SECONDS, READ_CONNECTIONS, Strained
from tests.e2e.limits.watch import watching

STATEMENT_MS = 100
SAVES = 120
READS = 150
INPUT = "x" * 8_192
HOARDED_WITHIN_SECONDS = 30
OF_SERVICES = "FROM pg_stat_activity WHERE usename LIKE 'mobius_%'"


@asynccontextmanager
async def slow(installation: Strained) -> AsyncIterator[None]:
    """Every statement takes so long more: half of it on its way there, half of it on the way back."""
    installation.proxy.delay_ms = STATEMENT_MS / 2
    try:
        yield
    finally:
        installation.proxy.delay_ms = 0


@pytest.mark.timeout(300)
async def test_a_slow_database_is_shared_by_batches_and_queues_that_grow_too_long_are_refused(
    installation: Strained,
) -> None:
    engine, load = installation.caller("engine"), Load()
    async with watching(installation) as watch:
        async with slow(installation), pressing(load, engine, 64, INPUT):
            saves = [asyncio.create_task(engine.post("workflows", workflow(load, number))) for number in range(SAVES)]
            reads = [asyncio.create_task(engine.get("runs?limit=1")) for _ in range(READS)]
            saved, read = await asyncio.gather(*saves), await asyncio.gather(*reads)
        assert load.refused == {}  # one statement serves all who wait: slow for each, and none too many
        assert {reply.status for reply in saved} == {201, 503}
        assert {reply.status for reply in read} == {200, 503}
        assert all(int(reply.headers["Retry-After"]) > 0 for reply in [*saved, *read] if reply.status == 503)
        assert await names(installation, load) == sorted(reply.text("name") for reply in saved if reply.status == 201)
        await check(installation, load)
        assert watch.reasons["engine"] == []
        watch.check_memory()


def workflow(load: Load, number: int) -> JsonObject:
    return {"name": f"{load.name}-{number}", "spec": body("", "")["spec"]}


async def names(installation: Strained, load: Load) -> list[str]:
    """Of the workflows that are really saved."""
    query = "SELECT name FROM engine.workflows"
    async with installation.superuser() as connection:
        return sorted(row["name"] for row in await connection.fetch(query) if row["name"].startswith(load.name))


@pytest.mark.timeout(300)
async def test_while_the_database_does_not_answer_who_waits_is_refused_and_readiness_is_red(
    installation: Strained,
) -> None:
    engine, load = installation.caller("engine"), Load()
    async with watching(installation) as watch:
        async with pressing(load, engine, 64, INPUT):
            await load.until(accepted=50)
            installation.proxy.pause()
            try:
                await load.until(refused=100)
                await watch.until_said("engine", "the database has not answered")
            finally:
                installation.proxy.resume()
            await load.until(accepted=100)
        assert f"within {QUEUE_SECONDS} s".encode() in next(iter(load.refused.values())).raw
        await check(installation, load)
        await watch.until_green()
        watch.check_memory()


@pytest.mark.timeout(300)
async def test_without_a_connection_left_services_wait_for_one(installation: Strained) -> None:
    engine, load = installation.caller("engine"), Load()
    async with watching(installation) as watch, pressing(load, engine, 16, INPUT):
        await load.until(accepted=50)
        async with AsyncExitStack() as hoarded:
            await hoard(installation, hoarded)
            await watch.until_said("engine", "has not reached the database")
            await load.until(refused=50)
        await load.until(accepted=100)
        await watch.until_green()
    await check(installation, load)
    watch.check_memory()


async def hoard(installation: Strained, hoarded: AsyncExitStack) -> None:
    """Takes every place that an ordinary role can have, and those of the services too."""
    async with installation.superuser() as superuser:
        await superuser.execute("DROP ROLE IF EXISTS hoarder")
        await superuser.execute("CREATE ROLE hoarder LOGIN PASSWORD 'hoard'")
        url = installation.postgres.url(user="hoarder", password="hoard")
        async with asyncio.timeout(HOARDED_WITHIN_SECONDS):
            while True:
                taken = await asyncio.gather(*(asyncpg.connect(url) for _ in range(10)), return_exceptions=True)
                connections = [one for one in taken if isinstance(one, asyncpg.Connection)]
                for connection in connections:
                    hoarded.push_async_callback(connection.close)
                if not connections:
                    if not await superuser.fetchval(f"SELECT count(*) {OF_SERVICES}"):
                        return
                    await superuser.execute(f"SELECT pg_terminate_backend(pid) {OF_SERVICES}")


@pytest.mark.timeout(300)
async def test_slow_queries_use_up_the_connections_of_queries_and_of_nothing_else(installation: Strained) -> None:
    engine, load = installation.caller("engine"), Load()
    made = await engine.create("workflows", workflow(load, 0))
    async with watching(installation) as watch:
        async with pressing(load, engine, 8, INPUT), installation.superuser() as connection:
            async with connection.transaction():
                await connection.execute("LOCK TABLE engine.workflow_versions IN ACCESS EXCLUSIVE MODE")
                stuck = [asyncio.create_task(engine.get(f"workflows/{made.text('id')}/versions")) for _ in range(8)]
                await until_locked(connection)
                other = await engine.get("runs?limit=1")
                await load.until(accepted=50)
            answers: list[Reply] = await asyncio.gather(*stuck)
            assert (await engine.get("runs?limit=1")).status == 200
        assert (other.status, other.headers["Retry-After"]) == (503, "1")
        assert {reply.status for reply in answers} == {200, 503}
        assert load.refused == {}
        await check(installation, load)
        assert watch.reasons["engine"] == []


async def until_locked(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Waits until every connection of queries waits for the lock."""
    async with asyncio.timeout(20):
        while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < READ_CONNECTIONS:
            await asyncio.sleep(0.02)
