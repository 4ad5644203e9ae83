"""The same POST with the same Idempotency-Key: done once, answered alike, its secret too."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from deploy.local.servers import Database
from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import run
from libs.chassis.sealing import Sealer
from services.catalog.store.kept_answers import KeptAnswers, Request
from services.catalog.workers.answer_sweeper import AnswerSweeper
from tests.integration.catalog.running import ENDPOINT, MASTER_KEY, Catalog, Shown, bearer, started

BODY = {"name": "summarize", "endpoint_url": ENDPOINT}


async def create(catalog: Catalog, key: str, body: object = BODY) -> Shown:
    return await catalog.ask("POST", "/actions", json=body, headers={"Idempotency-Key": key})


async def events_of(database: Database, action: object) -> int:
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        found: int = await connection.fetchval("SELECT count(*) FROM journal WHERE stream = $1", action)
    finally:
        await connection.close()
    return found


async def expire(database: Database) -> None:
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        await connection.execute("UPDATE idempotency_keys SET expires_at = now() - interval '1 second'")
    finally:
        await connection.close()


async def test_a_repeated_request_has_the_first_answer_with_its_secret(catalog: Catalog, database: Database) -> None:
    first = await create(catalog, "one")
    again = await create(catalog, "one")

    assert (first.status, again.status) == (201, 201)
    assert str(first.body["signing_secret"]).startswith("whsec_")
    assert (again.body, again.tag) == (first.body, first.tag)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert await events_of(database, first.body["id"]) == 1
    async with started(catalog.settings) as restarted:
        assert (await create(restarted, "one")).body == first.body


async def test_a_repeat_waits_as_the_first_does_until_it_is_published(catalog: Catalog, database: Database) -> None:
    await create(catalog, "one")
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        await connection.execute("INSERT INTO outbox (shard, stream, seq) VALUES (99, 'not-published-yet', 1)")
        again = asyncio.create_task(create(catalog, "one"))
        assert await asyncio.wait([again], timeout=0.3) == (set(), {again})
        await connection.execute("DELETE FROM outbox WHERE stream = 'not-published-yet'")
        async with asyncio.timeout(2):
            answer = await again
    finally:
        await connection.close()

    assert (answer.status, answer.headers["Idempotency-Replayed"]) == (201, "true")


async def test_a_key_is_not_for_another_request(catalog: Catalog) -> None:
    await create(catalog, "one")
    other = await create(catalog, "one", {**BODY, "name": "other"})

    assert (other.status, other.error["code"]) == (422, "idempotency_key_reused")
    assert other.error["details"] == {"field": "header.Idempotency-Key"}
    assert (await catalog.get("/actions/other"))[0] == 404
    assert (await create(catalog, "two", {**BODY, "name": "other"})).status == 201


async def test_a_refusal_has_done_nothing_and_is_decided_anew(catalog: Catalog) -> None:
    taken = {**BODY, "name": "taken"}
    await catalog.create("taken")
    refused = await create(catalog, "one", taken)
    wrong = await create(catalog, "two", {**BODY, "name": "Wrong"})
    repeated = await create(catalog, "one", taken)

    assert (refused.status, wrong.status, repeated.status) == (409, 400, 409)
    assert "Idempotency-Replayed" not in repeated.headers


async def test_requests_at_the_same_time_do_it_once(catalog: Catalog, database: Database) -> None:
    async with started(catalog.settings) as other:
        sent = [create(one, "one") for one in (catalog, other) for _ in range(6)]
        answers = await asyncio.gather(*sent)

    done = [answer for answer in answers if answer.status == 201]
    waiting = [answer for answer in answers if answer.status != 201]
    assert {(answer.status, answer.error["code"]) for answer in waiting} <= {(409, "idempotency_key_in_use")}
    assert len({str(answer.body) for answer in done}) == 1
    assert len([answer for answer in done if "Idempotency-Replayed" not in answer.headers]) == 1
    assert waiting
    assert await events_of(database, done[0].body["id"]) == 1


async def test_a_taken_key_is_not_written_over(catalog: Catalog, database: Database) -> None:
    await create(catalog, "one")
    kept = KeptAnswers(Reads("", "unused"), Sealer.from_base64(MASTER_KEY), timedelta(hours=1))
    link = Link(database.service_urls["catalog"], "test-overtaken")
    try:
        ((caller,),) = await link.rows("SELECT caller FROM idempotency_keys")
        with pytest.raises(Conflict):
            await run(link, [kept.part(Request(catalog.project, caller, "one", "other"), b"{}")])
    finally:
        await link.close()

    assert (await create(catalog, "one")).status == 201


async def test_each_caller_has_keys_of_its_own(catalog: Catalog) -> None:
    first = await create(catalog, "one")
    token = "mbx_another-administrator-0001"
    async with started(catalog.settings.model_copy(update={"bootstrap_api_key": SecretStr(token)})) as other:
        theirs = await create(other, "one", {**BODY, "name": "theirs"})
    stranger = await catalog.ask("POST", "/actions", json=BODY, headers={"Idempotency-Key": "one", **bearer("mbx_no")})

    assert (first.status, theirs.status, stranger.status) == (201, 201, 401)


async def test_an_expired_key_is_free_and_swept(catalog: Catalog, database: Database) -> None:
    await create(catalog, "one")
    await create(catalog, "two", {**BODY, "name": "two"})
    await expire(database)
    again = await create(catalog, "one", {**BODY, "name": "other"})
    link = Link(database.service_urls["catalog"], "test-sweeper")
    try:
        assert await AnswerSweeper(link).step() is False
        rows = await link.rows("SELECT key, expires_at - now() AS rest FROM idempotency_keys")
    finally:
        await link.close()

    assert again.status == 201
    assert [row["key"] for row in rows] == ["one"]
    assert timedelta(hours=23) < rows[0]["rest"] <= timedelta(hours=24)


async def test_what_is_kept_is_sealed(catalog: Catalog, database: Database) -> None:
    secret = str((await create(catalog, "one")).body["signing_secret"])
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        (row,) = await connection.fetch("SELECT * FROM idempotency_keys")
        await connection.execute("UPDATE idempotency_keys SET key = 'moved'")
    finally:
        await connection.close()

    assert secret.removeprefix("whsec_") not in str(tuple(row.values()))
    moved = await create(catalog, "moved")
    assert (moved.status, moved.error["code"]) == (409, "idempotency_answer_lost")


@pytest.mark.parametrize("key", ["", "k" * 256, "two words", "é"])
async def test_a_key_that_is_none_is_refused(catalog: Catalog, key: str) -> None:
    answer = await create(catalog, key)
    assert (answer.status, answer.error["details"]["field"]) == (400, "header.Idempotency-Key")
    assert (await catalog.get("/actions"))[1]["items"] == []
