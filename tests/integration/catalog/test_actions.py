"""Actions over HTTP: registered, refused, listed, and said to others before the answer leaves."""

import asyncio

import asyncpg

from deploy.local.servers import Database
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.sealing import Sealed, Sealer
from libs.contracts.action_secrets import secret_aad
from libs.contracts.events.catalog import ActionState
from libs.contracts.registry import decode
from libs.contracts.topics import topic_for
from tests.integration.catalog.running import ENDPOINT, Catalog, started

INPUT = {"type": "object", "properties": {"doc_id": {"type": "string", "default": None}}, "x": [1, 1.0, "é"]}


async def test_a_created_action_is_answered_with_its_secret_and_got_without(catalog: Catalog) -> None:
    created = await catalog.create("summarize", title="Sum", input_schema=INPUT, annotations={"idempotent": True})
    secret = created.pop("signing_secret")

    assert str(secret).startswith("whsec_")
    assert (created["name"], created["title"], created["endpoint_url"]) == ("summarize", "Sum", ENDPOINT)
    assert created["input_schema"] == INPUT
    assert created["annotations"] == {"idempotent": True, "destructive": False, "read_only": False}
    assert await catalog.get("/actions/summarize") == (200, created)
    assert await catalog.get("/actions") == (200, {"items": [created], "has_more": False})


async def test_integers_and_doubles_stay_apart_in_a_schema(catalog: Catalog) -> None:
    await catalog.create("numbers", input_schema={"enum": [1, 1.0, 1e3, 9007199254740993]})
    async with catalog.http.get(f"{catalog.origin}/v1/projects/{catalog.project}/actions/numbers") as response:
        text = await response.text()

    assert '"enum":[1,1.0,1000.0,9007199254740993]' in text


async def test_the_secret_is_nowhere_in_clear(catalog: Catalog, database: Database) -> None:
    secret = str((await catalog.create("summarize"))["signing_secret"])
    connection = await asyncpg.connect(database.url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'catalog'")
        rows = [
            str(tuple(row.values()))
            for table in tables
            for row in await connection.fetch(f'SELECT * FROM catalog."{table["tablename"]}"')
        ]
    finally:
        await connection.close()

    assert len(rows) > 5
    assert not [row for row in rows if secret in row or secret.removeprefix("whsec_") in row]


async def test_what_was_answered_is_on_the_topic_already(catalog: Catalog) -> None:
    created = await catalog.create("summarize", input_schema=INPUT)
    states = Replica(topic_for("catalog", ActionState.type).name, ActionState)
    reader = StateReader(catalog.settings.kafka_bootstrap, "test-states", [states])
    await reader.start()
    await reader.stop()
    state = states[f"{catalog.project}/summarize"]
    (kept,) = state.secrets
    sealer = Sealer.from_base64(catalog.settings.master_key.get_secret_value())

    assert (state.action_id, state.project, state.name) == (created["id"], catalog.project, "summarize")
    assert state.input_schema == INPUT
    opened = sealer.open(Sealed.parse(kept.sealed), secret_aad(catalog.project, "summarize", kept.version))
    assert opened.decode() == created["signing_secret"]


async def test_a_change_is_journalled_with_who_did_it(catalog: Catalog, database: Database) -> None:
    created = await catalog.create("summarize")
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        rows = await connection.fetch("SELECT event FROM journal WHERE stream = $1", created["id"])
    finally:
        await connection.close()
    (event,) = [decode(row["event"]) for row in rows]

    assert (event.type, event.sequence, event.project) == ("action.created", 1, catalog.project)
    assert event.partitionkey == f"{catalog.project}/summarize"
    assert (event.actor or "").startswith("key_")
    assert event.traceparent is not None


async def test_a_taken_name_is_a_conflict(catalog: Catalog) -> None:
    await catalog.create("summarize")
    status, answer = await catalog.post("/actions", {"name": "summarize", "endpoint_url": ENDPOINT})

    assert status == 409
    assert answer == {
        "error": {
            "code": "already_exists",
            "message": "expected a name that is free in this project, but summarize is taken",
            "details": {"field": "name"},
        }
    }


async def test_of_concurrent_creations_of_one_name_exactly_one_wins(catalog: Catalog) -> None:
    body = {"name": "summarize", "endpoint_url": ENDPOINT}
    answers = await asyncio.gather(*(catalog.post("/actions", body) for _ in range(12)))
    winners = [answer for status, answer in answers if status == 201]

    assert sorted(status for status, _ in answers) == [201] + [409] * 11
    _, kept = await catalog.get("/actions/summarize")
    assert kept["id"] == winners[0]["id"]


async def test_two_replicas_agree_on_one_winner_and_both_know_it(catalog: Catalog) -> None:
    async with started(catalog.settings) as other:
        for round_ in range(5):
            body = {"name": f"round-{round_}", "endpoint_url": ENDPOINT}
            answers = await asyncio.gather(catalog.post("/actions", body), other.post("/actions", body))
            assert sorted(status for status, _ in answers) == [201, 409]
            assert await catalog.get(f"/actions/round-{round_}") == await other.get(f"/actions/round-{round_}")


async def test_a_restart_keeps_everything(catalog: Catalog) -> None:
    await catalog.create("summarize", input_schema=INPUT)
    before = await catalog.get("/actions")
    async with started(catalog.settings) as again:
        assert await again.get("/actions") == before
        await again.create("notify")

    assert (await catalog.get("/actions/notify"))[0] == 200


async def test_pages_are_newest_first_and_complete(catalog: Catalog) -> None:
    for number in range(5):
        await catalog.create(f"number-{number}")
    seen: list[str] = []
    cursor, pages = "", 0
    while True:
        status, page = await catalog.get(f"/actions?limit=2{cursor}")
        assert status == 200
        items = page["items"]
        assert isinstance(items, list)
        seen.extend(item["name"] for item in items)
        pages += 1
        if not page["has_more"]:
            assert "next_cursor" not in page
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert pages == 3
    assert seen == [f"number-{number}" for number in reversed(range(5))]


async def test_the_catalog_has_the_projects_actions_by_name(catalog: Catalog) -> None:
    await catalog.create("zebra", annotations={"read_only": True})
    await catalog.create("aardvark")
    status, answer = await catalog.get("/actions/catalog")
    items = answer["items"]
    assert isinstance(items, list)
    own = [item for item in items if item["source"] == "project"]

    assert status == 200
    assert [item["name"] for item in own] == ["aardvark", "zebra"]
    assert own[1]["available"] is True
    assert own[1]["endpoint_url"] == ENDPOINT
    assert "signing_secret" not in own[1]
    assert await catalog.get("/actions/catalog/zebra") == (200, own[1])
