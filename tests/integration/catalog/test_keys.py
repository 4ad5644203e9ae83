"""API keys over HTTP: issued once, listed without the key, revoked; and who may do so."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from deploy.local.servers import Database
from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.decider import Rejected
from libs.chassis.ids import new_id
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context
from libs.contracts.api_keys import token_sha256
from libs.contracts.events.shared import ApiKeyUseState
from libs.contracts.topics import topic_for
from services.catalog.domain.keys import LAST_ADMIN
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.running import Catalog, bearer, started
from tests.integration.catalog.test_access import beside
from tests.integration.catalog.test_projects import error_of, key_of, made
from tests.integration.chassis.said_states import journaled, said

KEYS = "/v1/api-keys"


async def issue(
    catalog: Catalog, headers: dict[str, str] | None = None, **body: object
) -> tuple[int, dict[str, object]]:
    more = {} if headers is None else {"headers": headers}
    return await catalog.post(KEYS, {"name": "ci", "role": "viewer", **body}, **more)


async def test_a_key_is_shown_once_and_works_at_once(catalog: Catalog) -> None:
    status, made_key = await issue(catalog, role="author", project=catalog.project)
    token = str(made_key.pop("key"))

    assert status == 201
    assert re.fullmatch(r"mbx_[0-9A-Za-z]{43}", token)
    assert (await catalog.get("/actions", headers=bearer(token)))[0] == 200
    status, shown = await catalog.get(f"{KEYS}/{made_key['id']}")
    assert (status, shown) == (200, made_key)
    assert (shown["role"], shown["project"], shown["status"]) == ("author", catalog.project, "active")
    assert token not in repr(shown)
    assert token_sha256(token) not in repr([shown, await catalog.get(KEYS)])


async def test_two_keys_differ(catalog: Catalog) -> None:
    one, two = (await issue(catalog))[1], (await issue(catalog))[1]

    assert one["key"] != two["key"]
    assert one["id"] != two["id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " ci"}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"role": "owner"}, "role"),
        ({"role": None}, "role"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2090-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": 4_000_000_000}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ({"project": 7}, "project"),
        ({"key": "mbx_mine"}, "key"),
    ],
)
async def test_a_bad_key_is_refused_by_its_field(catalog: Catalog, body: dict[str, object], field: str) -> None:
    status, answer = await catalog.post(KEYS, {"name": "ci", "role": "viewer"} | body)

    assert (status, error_of(answer)) == (400, ("invalid_argument", field))


async def test_a_revoked_key_opens_nothing_and_is_still_listed_as_revoked(catalog: Catalog) -> None:
    key_id, key = await key_of(catalog, "viewer", catalog.project)
    assert (await catalog.get("/actions", headers=key))[0] == 200
    assert await catalog.call("DELETE", f"{KEYS}/{key_id}") == (204, {})
    assert await catalog.call("DELETE", f"{KEYS}/{key_id}") == (204, {})
    async with asyncio.timeout(5):
        while (await catalog.get("/actions", headers=key))[0] != 401:
            await asyncio.sleep(0.01)

    status, shown = await catalog.get(f"{KEYS}/{key_id}")
    assert (status, shown["status"]) == (200, "revoked")
    assert key_id not in await ids(catalog, "?limit=200")
    assert key_id in await ids(catalog, "?limit=200&status=revoked")


async def ids(catalog: Catalog, query: str = "", headers: dict[str, str] | None = None) -> list[str]:
    status, page = await catalog.get(KEYS + query, **({} if headers is None else {"headers": headers}))
    assert status == 200, page
    return [str(item["id"]) for item in cast("list[dict[str, object]]", page["items"])]


async def test_a_key_expires(catalog: Catalog) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    status, made_key = await issue(catalog, project=catalog.project, expires_at=soon.isoformat())
    assert status == 201
    key = bearer(str(made_key["key"]))
    assert (await catalog.get("/actions", headers=key))[0] == 200
    async with asyncio.timeout(5):
        while (await catalog.get("/actions", headers=key))[0] != 401:
            await asyncio.sleep(0.05)

    assert datetime.now(UTC) >= soon
    assert (await catalog.get(f"{KEYS}/{made_key['id']}"))[1]["status"] == "expired"
    assert made_key["id"] in await ids(catalog, "?status=expired")


async def test_a_key_that_expires_makes_none_that_outlives_it(catalog: Catalog) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    _, maker = await issue(catalog, role="admin", expires_at=soon.isoformat())
    header = bearer(str(maker["key"]))
    for late in ({}, {"expires_at": (soon + timedelta(seconds=1)).isoformat()}):
        status, answer = await issue(catalog, header, **late)
        assert (status, error_of(answer)) == (400, ("invalid_argument", "expires_at"))

    assert (await issue(catalog, header, expires_at=soon.isoformat()))[0] == 201


async def test_keys_are_listed_by_pages_newest_first(catalog: Catalog) -> None:
    project = str((await made(catalog))["handle"])
    wanted = [(await key_of(catalog, "viewer", project))[0] for _ in range(5)][::-1]
    found: list[str] = []
    query = f"?project={project}&limit=2"
    while query:
        _, page = await catalog.get(KEYS + query)
        found += [str(item["id"]) for item in cast("list[dict[str, object]]", page["items"])]
        query = f"?project={project}&limit=2&cursor={page['next_cursor']}" if page["has_more"] else ""

    assert found == wanted
    for bad in ("x", "WyJ4IiwieSJd", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwieSJd"):
        status, answer = await catalog.get(f"{KEYS}?cursor={bad}")
        assert (status, error_of(answer)) == (400, ("invalid_argument", "cursor"))


async def test_an_administrator_of_a_project_makes_and_sees_its_keys_only(catalog: Catalog) -> None:
    own, other = [str((await made(catalog))["handle"]) for _ in range(2)]
    _, admin = await key_of(catalog, "admin", own)
    foreign, _ = await key_of(catalog, "viewer", other)
    everywhere, _ = await key_of(catalog, "viewer")
    status, mine = await issue(catalog, admin, project=own, role="admin")
    assert status == 201

    assert set(await ids(catalog, "?limit=200", admin)) >= {str(mine["id"])}
    assert not {foreign, everywhere} & set(await ids(catalog, "?limit=200&status=all", admin))
    assert (await issue(catalog, admin))[0] == 403
    nobody = await issue(catalog, admin, project="never-made")
    assert nobody[0] == 404
    assert await issue(catalog, admin, project=other) == nobody
    nowhere = await catalog.get(f"{KEYS}/key_nowhere", headers=admin)
    assert nowhere[0] == 404
    for key_id in (foreign, everywhere):
        assert await catalog.get(f"{KEYS}/{key_id}", headers=admin) == nowhere
        assert await catalog.call("DELETE", f"{KEYS}/{key_id}", headers=admin) == nowhere
    assert await catalog.get(f"{KEYS}?project={other}", headers=admin) == await catalog.get(
        f"{KEYS}?project=never-made", headers=admin
    )
    assert (await catalog.call("DELETE", f"{KEYS}/{mine['id']}", headers=admin))[0] == 204


@pytest.mark.parametrize("role", ["viewer", "worker", "author"])
async def test_nobody_else_makes_or_sees_keys(catalog: Catalog, role: str) -> None:
    for scope in (None, catalog.project):
        key_id, key = await key_of(catalog, role, scope)
        assert (await issue(catalog, key, project=catalog.project))[0] == 403
        for method, path in (("GET", KEYS), ("GET", f"{KEYS}/{key_id}"), ("DELETE", f"{KEYS}/{key_id}")):
            assert (await catalog.call(method, path, headers=key))[0] == 403


async def own_id(catalog: Catalog) -> str:
    """The bootstrap key's id."""
    (key_id,) = [
        key_id for key_id in await ids(catalog, "?limit=200") if (await name_of(catalog, key_id)) == "bootstrap"
    ]
    return key_id


async def name_of(catalog: Catalog, key_id: str) -> object:
    return (await catalog.get(f"{KEYS}/{key_id}"))[1]["name"]


async def test_the_last_key_that_can_always_make_others_is_not_revoked_by_accident(catalog: Catalog) -> None:
    first = await own_id(catalog)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await issue(catalog, role="admin", expires_at=later)
    await issue(catalog, role="admin", project=catalog.project)
    status, answer = await catalog.call("DELETE", f"{KEYS}/{first}")
    assert (status, error_of(answer)[0]) == (409, "last_admin_key")

    _, second = await issue(catalog, role="admin")
    assert (await catalog.call("DELETE", f"{KEYS}/{first}"))[0] == 204
    header = bearer(str(second["key"]))
    status, answer = await catalog.call("DELETE", f"{KEYS}/{second['id']}", headers=header)
    assert (status, error_of(answer)[0]) == (409, "last_admin_key")


async def test_two_administrators_who_revoke_each_other_leave_one(catalog: Catalog) -> None:
    first = await own_id(catalog)
    second = str((await issue(catalog, role="admin"))[1]["id"])
    url, now = catalog.settings.postgres_url.get_secret_value(), datetime.now(UTC)
    async with beside(catalog.settings) as (_, one), beside(catalog.settings) as (_, other):
        decided = [
            await keys.propose_end(key_id, Context("catalog", "", now))
            for keys, key_id in ((one, first), (other, second))
        ]
        links = [Link(url, "test-admins") for _ in decided]
        outcomes = await asyncio.gather(
            *(
                commit(link, proposal.parts, proposal.entries)
                for link, proposal in zip(links, decided, strict=True)
                if not isinstance(proposal, Rejected)
            ),
            return_exceptions=True,
        )
        for link in links:
            await link.close()
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [Conflict]
        left = first if isinstance(outcomes[0], Conflict) else second
        assert await one.propose_end(left, Context("catalog", "", now)) == LAST_ADMIN


async def test_a_key_says_when_it_was_last_used_and_one_word_stands_for_many_uses_and_in_no_journal(
    settings: CatalogSettings, database: Database
) -> None:
    async with started(settings.model_copy(update={"key_use_seconds": 0.3})) as catalog:
        key_id, key = await key_of(catalog, "viewer", catalog.project)
        shown = f"{KEYS}/{key_id}"
        assert "last_used_at" not in (await catalog.get(shown))[1]
        began = datetime.now(UTC)
        for _ in range(50):
            assert (await catalog.get("/actions", headers=key))[0] == 200
        ended = datetime.now(UTC)
        async with asyncio.timeout(10):
            while (used := (await catalog.get(shown))[1].get("last_used_at")) is None:
                await asyncio.sleep(0.05)

        assert began <= datetime.fromisoformat(str(used)) <= ended
        assert 1 <= len(await said(settings.kafka_bootstrap, topic_for("catalog", ApiKeyUseState.type), key_id)) <= 3
        assert await journaled(database, "catalog", "key-use/") == 0
    async with started(settings) as again:
        assert (await again.get(shown))[1]["last_used_at"] >= used  # type: ignore[operator]


async def test_a_bootstrap_key_that_was_revoked_stays_revoked(settings: CatalogSettings) -> None:
    async with started(settings) as catalog:
        first, second = await own_id(catalog), (await issue(catalog, role="admin"))[1]
        assert (await catalog.call("DELETE", f"{KEYS}/{first}"))[0] == 204
    async with started(settings) as catalog:
        assert (await catalog.get(KEYS))[0] == 401
        assert (await catalog.get(KEYS, headers=bearer(str(second["key"]))))[0] == 200


async def test_a_request_that_is_repeated_gets_the_same_key_again(catalog: Catalog) -> None:
    headers = {"Idempotency-Key": new_id("again")}
    status, first = await issue(catalog, headers, project=catalog.project)
    assert status == 201

    assert await issue(catalog, headers, project=catalog.project) == (201, first)
    assert (await issue(catalog, headers, project=catalog.project, role="author"))[0] in (409, 422)
    assert (await catalog.get("/actions", headers=bearer(str(first["key"]))))[0] == 200
