"""A secret is rotated while work is delivered: who signs when, who is seen to be accepted, and what a proof is."""

import asyncio
import json
from datetime import UTC, datetime

import asyncpg
import pytest

from libs.contracts.events.dispatcher import JobCompleted, JobFailed, SecretProbe, SecretUseState
from libs.contracts.registry import decode
from libs.contracts.topics import topic_for
from services.catalog.workers import secret_activator
from tests.integration.catalog.running import Catalog
from tests.integration.chassis.said_states import journaled, said
from tests.integration.secrets.conftest import MASTER_KEY
from tests.integration.secrets.house import NAME, ROTATE, House, seen
from tests.integration.secrets.receiving import receiving

SECRET_USES = topic_for("dispatcher", SecretUseState.type)
SWAPPED = """
UPDATE action_secrets mine SET sealed = theirs.sealed FROM action_secrets theirs, actions a, actions b
WHERE a.name = $1 AND mine.action_id = a.action_id AND b.name = $2 AND theirs.action_id = b.action_id
"""
FLIPPED = """
UPDATE action_secrets mine SET sealed = left(sealed, -1) || CASE right(sealed, 1) WHEN 'A' THEN 'Q' ELSE 'A' END
FROM actions a WHERE a.name = $1 AND mine.action_id = a.action_id
"""


async def rotated(catalog: Catalog, **body: object) -> str:
    status, answer = await catalog.post(ROTATE, body)
    assert status == 200, answer
    return str(answer["signing_secret"])


async def test_during_the_grace_period_both_sign_and_afterwards_only_the_new_one(
    house: House, catalog: Catalog
) -> None:
    old = await house.register(catalog)
    assert isinstance(await house.deliver(), JobCompleted)
    new = await rotated(catalog, grace_seconds=3)
    house.receiver.secrets = [new]
    assert isinstance(await house.deliver(), JobCompleted)
    await seen(catalog, lambda shown: list(shown) == [2])
    assert isinstance(await house.deliver(), JobCompleted)

    assert [(post.signed_by, post.signatures) for post in house.receiver.deliveries] == [(old, 1), (new, 2), (new, 1)]


async def test_a_secret_that_is_revoked_at_once_signs_nothing_more(house: House, catalog: Catalog) -> None:
    old = await house.register(catalog)
    await rotated(catalog, grace_seconds=0)
    ended = await house.deliver()

    assert isinstance(ended, JobFailed)
    assert ended.details is not None
    assert ended.details["status"] == 401
    assert house.receiver.secrets == [old]
    assert [(post.signed_by, post.signatures) for post in house.receiver.deliveries] == [(None, 1)]


async def test_the_first_acceptance_of_a_version_is_seen_at_once_and_a_shared_one_is_no_proof(
    house: House, catalog: Catalog
) -> None:
    await house.register(catalog)
    assert "last_accepted_at" not in (await seen(catalog, bool))[1]
    await house.deliver()
    alone = (await seen(catalog, lambda shown: "last_accepted_at" in shown[1]))[1]
    assert alone["last_accepted_alone_at"] == alone["last_accepted_at"]

    house.receiver.secrets = [await rotated(catalog, grace_seconds=3)]
    await house.deliver()
    shared = (await seen(catalog, lambda shown: "last_accepted_at" in shown[2]))[2]
    assert "last_accepted_alone_at" not in shared
    await seen(catalog, lambda shown: list(shown) == [2])
    await house.deliver()
    await seen(catalog, lambda shown: "last_accepted_alone_at" in shown[2])


async def test_many_deliveries_are_one_state_and_none_in_the_journal(house: House, catalog: Catalog) -> None:
    await house.register(catalog)
    await asyncio.gather(*(house.deliver() for _ in range(20)))
    await seen(catalog, lambda shown: "last_accepted_at" in shown[1])

    assert len(house.receiver.deliveries) == 20
    assert len(await said(house.servers.kafka_bootstrap, SECRET_USES, f"{house.speaker.project}/{NAME}")) == 1
    assert await journaled(house.database, "dispatcher", "secret-use/") == 0


async def test_what_was_seen_before_a_restart_is_still_known(house: House) -> None:
    async with house.catalog(MASTER_KEY) as catalog:
        async with house.dispatcher(MASTER_KEY):
            await house.register(catalog)
            await house.deliver()
            before = (await seen(catalog, lambda shown: "last_accepted_alone_at" in shown[1]))[1]
        async with house.dispatcher(MASTER_KEY):
            house.receiver.secrets.append(await rotated(catalog))
            await house.deliver()
            after = await seen(catalog, lambda shown: "last_accepted_at" in shown[2])

    assert after[1]["last_accepted_alone_at"] == before["last_accepted_alone_at"]


async def test_a_probed_secret_becomes_active_when_the_endpoint_accepts_it_and_the_old_one_signs_until_then(
    house: House, catalog: Catalog
) -> None:
    old = await house.register(catalog)
    new = await rotated(catalog, probe=True, grace_seconds=3)
    await house.receiver.until_probed(2)
    refused = (await seen(catalog, lambda shown: "last_probe" in shown[2]))[2]
    assert refused["status"] == "pending"
    assert isinstance(refused["last_probe"], dict)
    assert refused["last_probe"]["status"] == 401
    assert isinstance(await house.deliver(), JobCompleted)

    house.receiver.secrets.append(new)
    proven = await seen(catalog, lambda shown: shown[2]["status"] == "active")
    assert proven[1]["status"] == "grace"
    assert "last_accepted_alone_at" in proven[2]
    assert isinstance(await house.deliver(), JobCompleted)
    await seen(catalog, lambda shown: list(shown) == [2])
    assert isinstance(await house.deliver(), JobCompleted)

    assert [(post.signed_by, post.signatures) for post in house.receiver.deliveries] == [(old, 1), (new, 2), (new, 1)]
    assert {post.signatures for post in house.receiver.probes} == {1}
    assert [post.signed_by for post in house.receiver.probes if post.signed_by is not None] == [new]
    assert house.receiver.probes[0].body["secret_version"] == 2


async def test_a_newer_rotation_replaces_one_that_waits_and_only_the_newer_is_proven(
    house: House, catalog: Catalog
) -> None:
    await house.register(catalog)
    dropped = await rotated(catalog, probe=True)
    await house.receiver.until_probed(1)
    kept = await rotated(catalog, probe=True)
    house.receiver.secrets += [dropped, kept]
    shown = await seen(catalog, lambda shown: shown[max(shown)]["status"] == "active")

    assert list(shown) == [3, 1]


async def test_an_endpoint_that_was_left_while_it_was_asked_proves_nothing_and_the_new_one_is_asked(
    house: House, catalog: Catalog
) -> None:
    await house.register(catalog)
    house.receiver.may_answer.clear()
    house.receiver.secrets.append(new := await rotated(catalog, probe=True))
    await house.receiver.until_probed(1)
    async with receiving() as moved:
        assert (await catalog.patch(f"/actions/{NAME}", {"endpoint_url": moved.url})).status == 200
        house.receiver.may_answer.set()
        await moved.until_probed(1)
        assert (await seen(catalog, lambda shown: 2 in shown))[2]["status"] == "pending"
        moved.secrets.append(new)
        await seen(catalog, lambda shown: shown[2]["status"] == "active")

    assert len(house.receiver.probes) == 1


async def test_a_proof_of_an_endpoint_that_the_action_has_left_activates_nothing(house: House) -> None:
    async with house.catalog(MASTER_KEY) as catalog:
        for name, asked in ((NAME, "http://127.0.0.1:9/left"), ("other", house.receiver.url)):
            made = await catalog.create(name, endpoint_url=house.receiver.url)
            assert (await catalog.post(f"/actions/{name}/secret/rotate", {"probe": True}))[0] == 200
            probe = SecretProbe(version=2, at=datetime.now(UTC), tries=1, status=204, endpoint_url=asked)
            project = catalog.project
            state = SecretUseState(action_id=str(made["id"]), project=project, name=name, uses=[], probe=probe)
            await house.speaker.say("dispatcher", f"su/{name}", f"{project}/{name}", state)
        await seen(catalog, lambda shown: shown[2]["status"] == "active", "other")

        assert (await seen(catalog, lambda _: True))[2]["status"] == "pending"


async def test_two_catalogs_and_two_dispatchers_activate_a_proven_secret_once(house: House, catalog: Catalog) -> None:
    await house.register(catalog)
    async with house.catalog(MASTER_KEY), house.dispatcher(MASTER_KEY):
        new = await rotated(catalog, probe=True)
        house.receiver.secrets.append(new)
        await seen(catalog, lambda shown: shown[2]["status"] == "active")
    connection = await asyncpg.connect(house.database.service_urls["catalog"])
    try:
        rows = await connection.fetch("SELECT event FROM journal WHERE stream ^@ 'act_' ORDER BY stream, seq")
    finally:
        await connection.close()

    types = [decode(row["event"]).type for row in rows]
    assert types == ["action.created", "action.secret_staged", "action.secret_rotated"]


async def test_a_secret_that_is_never_accepted_holds_up_no_other(
    house: House, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_activator, "MOST_AT_ONCE", 1)
    await house.register(catalog)
    await house.register(catalog, "other")
    async with house.dispatcher(MASTER_KEY):
        await rotated(catalog, probe=True)
        status, answer = await catalog.post("/actions/other/secret/rotate", {"probe": True})
        assert status == 200
        house.receiver.secrets.append(str(answer["signing_secret"]))
        await seen(catalog, lambda shown: shown[2]["status"] == "active", "other")
    assert (await seen(catalog, lambda _: True))[2]["status"] == "pending"


async def test_a_secret_with_a_changed_bit_or_from_another_action_stops_the_delivery_before_it_is_sent(
    house: House, catalog: Catalog
) -> None:
    await house.register(catalog)
    await house.register(catalog, "other")
    connection = await asyncpg.connect(house.database.service_urls["catalog"])
    try:
        await connection.execute(SWAPPED, NAME, "other")
        await connection.execute(FLIPPED, "other")
    finally:
        await connection.close()
    for name in (NAME, "other"):
        status, _ = await catalog.post(f"/actions/{name}/secret/rotate", {})
        assert status == 200
        ended = await house.deliver(name)
        assert isinstance(ended, JobFailed)
        assert ended.details is not None
        assert (ended.error_type, ended.details["cause"]) == ("fatal_error", "secret_not_opened")
        assert "expected text sealed for this place" in ended.error_message
        assert "whsec_" not in json.dumps(ended.details) + ended.error_message

    assert house.receiver.posts == []
