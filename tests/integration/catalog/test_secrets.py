"""Signing secrets over HTTP: rotated, seen, and said to others before the answer leaves."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

import asyncpg
import pytest

from deploy.local.servers import Database
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.db.link import Link
from libs.chassis.sealing import Sealed, Sealer
from libs.contracts.action_secrets import secret_aad
from libs.contracts.events.catalog import ActionSecretRotated, ActionState
from libs.contracts.registry import decode
from libs.contracts.topics import topic_for
from services.catalog.domain.secrets import MAX_GRACE_SECONDS
from services.catalog.workers.state_trimmer import StateTrimmer
from tests.integration.catalog.running import Catalog, started

NAME = "summarize"
ROTATE = f"/actions/{NAME}/secret/rotate"
SEEN = f"/actions/{NAME}/secret"
NOBODYS_SHARD = 99
"""What waits in it is published by no relay."""


async def state_of(catalog: Catalog) -> ActionState:
    """The action's state as it is on the topic now."""
    states = Replica(topic_for("catalog", ActionState.type).name, ActionState)
    reader = StateReader(catalog.settings.kafka_bootstrap, "test-states", [states])
    await reader.start()
    await reader.stop()
    return states[f"{catalog.project}/{NAME}"]


def opened(catalog: Catalog, sealed: str, version: int) -> str:
    sealer = Sealer.from_base64(catalog.settings.master_key.get_secret_value())
    return sealer.open(Sealed.parse(sealed), secret_aad(catalog.project, NAME, version)).decode()


async def versions(catalog: Catalog) -> list[tuple[object, object]]:
    status, answer = await catalog.get(SEEN)
    assert status == 200, answer
    secrets = answer["secrets"]
    assert isinstance(secrets, list)
    return [(one["version"], one["status"]) for one in secrets]


async def test_without_a_body_the_answer_is_the_new_secret_and_nothing_else(catalog: Catalog) -> None:
    first = (await catalog.create(NAME))["signing_secret"]
    async with catalog.http.post(f"{catalog.origin}/v1/projects/{catalog.project}{ROTATE}") as response:
        assert response.status == 200
        answer = await response.json()

    assert list(answer) == ["signing_secret"]
    assert answer["signing_secret"].startswith("whsec_")
    assert answer["signing_secret"] != first
    assert await versions(catalog) == [(2, "active"), (1, "grace")]


async def test_both_secrets_are_on_the_topic_when_the_rotation_is_answered(catalog: Catalog) -> None:
    first = str((await catalog.create(NAME))["signing_secret"])
    asked_at = datetime.now(UTC)
    status, answer = await catalog.post(ROTATE, {"grace_seconds": 60})
    state = await state_of(catalog)
    new, old = state.secrets

    assert (status, answer["secret_version"], answer["status"]) == (200, 2, "active")
    assert opened(catalog, new.sealed, 2) == answer["signing_secret"]
    assert opened(catalog, old.sealed, 1) == first
    assert new.expires_at is None
    assert old.expires_at is not None
    assert timedelta(seconds=59) < old.expires_at - asked_at < timedelta(seconds=70)


async def test_no_grace_takes_the_old_secret_away(catalog: Catalog, database: Database) -> None:
    await catalog.create(NAME)
    await catalog.post(ROTATE, {"grace_seconds": 0})
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        kept = await connection.fetch("SELECT version FROM action_secrets")
    finally:
        await connection.close()

    assert [one.version for one in (await state_of(catalog)).secrets] == [2]
    assert await versions(catalog) == [(2, "active")]
    assert [row["version"] for row in kept] == [2]


async def test_a_secret_whose_grace_period_is_over_is_kept_nowhere(catalog: Catalog, database: Database) -> None:
    await catalog.create(NAME)
    await catalog.post(ROTATE, {"grace_seconds": 1})
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        async with asyncio.timeout(20):
            while await connection.fetchval("SELECT count(*) FROM action_secrets") != 1:
                await asyncio.sleep(0.05)
        assert await connection.fetchval("SELECT version FROM action_secrets") == 2
    finally:
        await connection.close()

    async with asyncio.timeout(5):
        while [one.version for one in (await state_of(catalog)).secrets] != [2]:
            pass
    assert (await catalog.patch(f"/actions/{NAME}", {"title": "t"})).status == 200


async def test_superseded_states_leave_the_journal_once_they_are_published(
    catalog: Catalog, database: Database
) -> None:
    await catalog.create(NAME)
    await catalog.post(ROTATE, {"grace_seconds": 0})
    await catalog.post(ROTATE, {"grace_seconds": 0})
    link, stream = Link(database.service_urls["catalog"], "test-trimming"), f"action-state/{catalog.project}/{NAME}"
    try:
        async with asyncio.timeout(5):
            while await link.rows("SELECT 1 FROM outbox"):
                pass
        assert await journalled(link, stream) == [1, 2, 3]
        assert await StateTrimmer(link, timedelta(hours=1)).step() is False
        assert await journalled(link, stream) == [1, 2, 3]
        waiting = "INSERT INTO outbox (shard, stream, seq, streams, seqs) VALUES ($1, $2, 2, $3, $4)"
        await link.rows(waiting, NOBODYS_SHARD, stream, [stream, stream], [2, 3])
        assert await StateTrimmer(link, timedelta(0)).step() is False
        assert await journalled(link, stream) == [2, 3]
        await link.rows("DELETE FROM outbox WHERE shard = $1", NOBODYS_SHARD)
        assert await StateTrimmer(link, timedelta(0)).step() is False
        assert await journalled(link, stream) == [3]
    finally:
        await link.close()

    assert (await catalog.post(ROTATE, {"grace_seconds": 0}))[0] == 200
    assert [one.version for one in (await state_of(catalog)).secrets] == [4]


async def journalled(link: Link, stream: str) -> list[int]:
    return [row["seq"] for row in await link.rows("SELECT seq FROM journal WHERE stream = $1 ORDER BY seq", stream)]


async def test_the_event_tells_versions_and_never_the_secret(catalog: Catalog, database: Database) -> None:
    created = await catalog.create(NAME)
    _, answer = await catalog.post(ROTATE, {"grace_seconds": 60})
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        rows = await connection.fetch("SELECT event FROM journal WHERE stream = $1 ORDER BY seq", created["id"])
    finally:
        await connection.close()
    event = decode(rows[-1]["event"])

    assert isinstance(event.data, ActionSecretRotated)
    assert (event.sequence, event.data.secret_version, event.data.previous_version) == (2, 2, 1)
    assert event.data.grace_ends_at - event.time == timedelta(seconds=60)
    assert (event.actor or "").startswith("key_")
    assert str(answer["signing_secret"]).removeprefix("whsec_").encode() not in b"".join(row["event"] for row in rows)


async def test_of_concurrent_rotations_each_is_one_version(catalog: Catalog) -> None:
    await catalog.create(NAME)
    async with started(catalog.settings) as other:
        asked = [one.post(ROTATE, {"grace_seconds": 60}) for one in (catalog, other) for _ in range(3)]
        answers = await asyncio.gather(*asked)
        state = await state_of(catalog)
        assert await versions(catalog) == await versions(other)

    done = {
        cast(int, answer["secret_version"]): answer["signing_secret"] for status, answer in answers if status == 200
    }
    assert [status for status, _ in answers if status != 200] == []
    assert sorted(done) == [2, 3, 4, 5, 6, 7]
    assert {one.version: opened(catalog, one.sealed, one.version) for one in state.secrets if one.version > 1} == done
    assert [one.version for one in state.secrets if one.expires_at is None] == [7]


async def test_a_probed_rotation_is_announced_beside_the_secrets_that_sign(catalog: Catalog) -> None:
    await catalog.create(NAME)
    status, answer = await catalog.post(ROTATE, {"probe": True})
    state = await state_of(catalog)

    assert (status, answer["secret_version"], answer["status"]) == (200, 2, "pending")
    assert [one.version for one in state.secrets] == [1]
    assert state.pending_secret is not None
    assert opened(catalog, state.pending_secret.sealed, 2) == answer["signing_secret"]
    assert await versions(catalog) == [(2, "pending"), (1, "active")]


async def test_a_restart_keeps_the_secrets(catalog: Catalog) -> None:
    await catalog.create(NAME)
    await catalog.post(ROTATE, {})
    async with started(catalog.settings) as again:
        assert await again.get(SEEN) == await catalog.get(SEEN)


async def test_secrets_from_before_there_was_a_table_are_taken_over_from_the_last_states(
    catalog: Catalog, database: Database
) -> None:
    await catalog.create(NAME)
    await catalog.create("other")
    await catalog.post(ROTATE, {"grace_seconds": 600})
    before = await versions(catalog)
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        rows = await connection.fetch("SELECT action_id, version, sealed, expires_at FROM action_secrets ORDER BY 1, 2")
        await connection.execute("DROP TABLE action_secrets")
        await connection.execute("DELETE FROM migrations WHERE name LIKE '%keep_secrets%'")
        async with started(catalog.settings) as again:
            assert await versions(again) == before
        taken = await connection.fetch(
            "SELECT action_id, version, sealed, expires_at FROM action_secrets ORDER BY 1, 2"
        )
    finally:
        await connection.close()

    assert len(taken) == 3
    assert [tuple(row) for row in taken] == [tuple(row) for row in rows]


async def test_a_rotation_is_a_change_of_the_action_and_a_change_of_the_action_keeps_its_secrets(
    catalog: Catalog,
) -> None:
    await catalog.create(NAME)
    before = (await catalog.ask("GET", f"/actions/{NAME}")).tag
    await catalog.post(ROTATE, {})
    await catalog.post(ROTATE, {"probe": True})
    stale = await catalog.patch(f"/actions/{NAME}", {"title": "x"}, headers={"If-Match": before})
    changed = await catalog.patch(f"/actions/{NAME}", {"title": "Another"})
    await catalog.post(ROTATE, {"grace_seconds": 60})
    state = await state_of(catalog)

    assert (stale.status, changed.status) == (412, 200)
    assert (state.title, [one.version for one in state.secrets], state.pending_secret) == ("Another", [4, 2, 1], None)
    assert await versions(catalog) == [(4, "active"), (2, "grace"), (1, "grace")]


async def test_the_secrets_of_a_deleted_action_are_gone_and_its_name_begins_anew(
    whole: Catalog, database: Database
) -> None:
    await whole.create(NAME)
    await whole.post(ROTATE, {})
    await whole.post(ROTATE, {"probe": True})
    assert (await whole.delete(f"/actions/{NAME}")).status == 204
    gone = await state_of(whole)
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        kept = await connection.fetch("SELECT 1 FROM action_secrets")
    finally:
        await connection.close()

    assert (gone.deleted, gone.secrets, gone.pending_secret, kept) == (True, [], None, [])
    assert (await whole.get(SEEN))[0] == 404
    await whole.create(NAME)
    assert await versions(whole) == [(1, "active")]


async def test_a_rotation_that_is_sent_twice_is_one(catalog: Catalog) -> None:
    await catalog.create(NAME)
    once = {"Idempotency-Key": "rotate-once"}
    first = await catalog.post(ROTATE, {"grace_seconds": 60}, headers=once)

    assert await catalog.post(ROTATE, {"grace_seconds": 60}, headers=once) == first
    assert (await catalog.post(ROTATE, {"grace_seconds": 61}, headers=once))[0] == 422
    assert await versions(catalog) == [(2, "active"), (1, "grace")]


async def test_an_action_that_is_not_there_has_no_secret(catalog: Catalog) -> None:
    await catalog.create(NAME)

    assert (await catalog.post("/actions/nothing/secret/rotate", {}))[0] == 404
    assert (await catalog.get("/actions/nothing/secret"))[0] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"grace_seconds": -1}, "grace_seconds"),
        ({"grace_seconds": MAX_GRACE_SECONDS + 1}, "grace_seconds"),
        ({"grace_seconds": "60"}, "grace_seconds"),
        ({"grace_seconds": 1.5}, "grace_seconds"),
        ({"grace_seconds": None}, "grace_seconds"),
        ({"probe": 1}, "probe"),
        ({"grace": 60}, "grace"),
    ],
)
async def test_bad_input_is_refused_with_its_field(catalog: Catalog, body: dict[str, object], field: str) -> None:
    await catalog.create(NAME)
    status, answer = await catalog.post(ROTATE, body)
    error = answer["error"]

    assert status == 400
    assert isinstance(error, dict)
    assert error["details"]["field"] == field
    assert await versions(catalog) == [(1, "active")]
