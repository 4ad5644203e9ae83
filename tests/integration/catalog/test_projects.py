"""Projects over HTTP: made, found, changed, archived, deleted; and who sees which."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import asyncpg
import pytest
from deepnoodle.mobius._api import models
from pydantic import BaseModel

from deploy.local.servers import Database
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context
from libs.contracts.events.catalog import ActionState, IntegrationState
from libs.contracts.registry import decode
from services.catalog.store.integrations import Connected, Integrations
from tests.integration.catalog.running import ENDPOINT, Catalog, bearer
from tests.integration.catalog.test_access import stores

ACTION = {"name": "summarize", "endpoint_url": ENDPOINT}


def fresh(prefix: str = "q") -> str:
    return new_id(prefix).replace("_", "-")


async def made(catalog: Catalog, **body: object) -> dict[str, object]:
    status, project = await catalog.post("/v1/projects", {"name": fresh("Room"), **body})
    assert status == 201, project
    return project


async def key_of(catalog: Catalog, role: str, project: str | None = None) -> tuple[str, dict[str, str]]:
    """A new key's id and its header."""
    scope = {} if project is None else {"project": project}
    status, key = await catalog.post("/v1/api-keys", {"name": role, "role": role, **scope})
    assert status == 201, key
    return str(key["id"]), bearer(str(key["key"]))


async def handles(catalog: Catalog, query: str = "", **more: object) -> list[str]:
    status, found = await catalog.get(f"/v1/projects{query}", **more)
    assert status == 200, found
    models.ProjectListResponse.model_validate(found)
    return [str(item["handle"]) for item in cast("list[dict[str, object]]", found["items"])]


def error_of(answer: Mapping[str, object]) -> tuple[object, object]:
    """Code and field."""
    error = cast("Mapping[str, object]", answer["error"])
    return error["code"], cast("Mapping[str, object]", error.get("details", {})).get("field")


async def test_a_project_is_made_and_found_by_id_and_by_handle(catalog: Catalog) -> None:
    name = fresh("Blue Room")
    project = await made(catalog, name=name, description="All that is blue.", tags={"team": "docs"})
    models.Project.model_validate(project)

    assert project["handle"] == name.lower().replace(" ", "-")
    assert (project["access_mode"], project["tags"]) == ("org_open", {"team": "docs"})
    assert str(project["created_by"]).startswith("key_")
    for path in (project["id"], project["handle"]):
        assert await catalog.get(f"/v1/projects/{path}") == (200, project)
    assert (await catalog.get(f"/v1/projects/{project['handle']}/actions"))[0] == 200


async def test_a_handle_is_taken_once(catalog: Catalog) -> None:
    project = await made(catalog)
    status, answer = await catalog.post("/v1/projects", {"name": "Other", "handle": project["handle"]})

    assert (status, error_of(answer)) == (409, ("already_exists", "handle"))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": " x"}, "name"),
        ({"name": 7}, "name"),
        ({"name": "日本"}, "handle"),
        ({"name": "x", "handle": "Not A Handle"}, "handle"),
        ({"name": "x", "access_mode": "public"}, "access_mode"),
        ({"name": "x", "description": "d" * 10_001}, "description"),
        ({"name": "x", "tags": {"a": 1}}, "tags.a"),
        ({"name": "x", "tags": {"mobius:a": "1"}}, "tags.mobius:a"),
        ({"name": "x", "tags": {str(n): "v" for n in range(9)}}, "tags"),
        ({"name": "x", "owner": "me"}, "owner"),
    ],
)
async def test_a_bad_project_is_refused_by_its_field(catalog: Catalog, body: dict[str, object], field: str) -> None:
    status, answer = await catalog.post("/v1/projects", body)

    assert (status, error_of(answer)) == (400, ("invalid_argument", field))


async def test_an_update_changes_what_it_names_and_never_the_handle(catalog: Catalog) -> None:
    project = await made(catalog, description="Old.", tags={"a": "1"})
    path = f"/v1/projects/{project['id']}"
    status, changed = await catalog.call("PATCH", path, json={"name": "New", "description": ""})

    assert status == 200
    assert {**project, "name": "New", "updated_at": changed["updated_at"]} == {**changed, "description": "Old."}
    assert await catalog.call("PATCH", path, json={}) == (200, changed)
    status, refused = await catalog.call("PATCH", path, json={"handle": "other"})
    assert (status, error_of(refused)) == (400, ("invalid_argument", "handle"))


async def test_projects_are_listed_by_search_status_and_tags(catalog: Catalog) -> None:
    mark = fresh("mark")
    one = await made(catalog, name=f"{mark} One", tags={"team": "docs", "stage": "test"})
    two = await made(catalog, name="Two", handle=f"{mark}-2", tags={"team": "ops"})
    assert (await catalog.post(f"/v1/projects/{two['id']}/archive", None))[0] == 200

    assert await handles(catalog, f"?search={mark.upper()}") == [one["handle"]]
    assert await handles(catalog, f"?search={mark}&status=archived") == [two["handle"]]
    assert await handles(catalog, f"?search={mark}&status=all") == [two["handle"], one["handle"]]
    assert await handles(catalog, f"?search={mark}&status=all&tag=team:*&tag=stage:test,prod") == [one["handle"]]
    assert await handles(catalog, f"?search={mark}%25") == []
    for query, field in (("?tag=team", "tag[0]"), ("?status=gone", "status"), ("?cursor=x", "cursor")):
        status, answer = await catalog.get(f"/v1/projects{query}")
        assert (status, error_of(answer)) == (400, ("invalid_argument", field))


async def test_a_list_goes_on_where_the_page_before_ended(catalog: Catalog) -> None:
    mark = fresh("mark")
    wanted = [str((await made(catalog, name=f"{mark} {number}"))["handle"]) for number in range(5)][::-1]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        url = f"{catalog.origin}/v1/projects?search={mark}&limit=2{more}"
        async with catalog.http.get(url) as response:
            found += [item["handle"] for item in (await response.json())["items"]]
            cursor = response.headers.get("X-Next-Cursor")

    assert found == wanted


async def test_an_archived_project_is_read_and_takes_nothing_new(catalog: Catalog) -> None:
    project = await made(catalog)
    inside, path = f"/v1/projects/{project['handle']}/actions", f"/v1/projects/{project['id']}"
    assert (await catalog.post(inside, ACTION))[0] == 201
    status, archived = await catalog.post(f"{path}/archive", None)
    models.Project.model_validate(archived)

    assert (status, archived["archived_at"]) == (200, archived["updated_at"])
    assert await catalog.post(f"{path}/archive", None) == (200, archived)
    assert (await catalog.get(f"{inside}/summarize"))[0] == 200
    refused = [
        await catalog.call("PATCH", path, json={"name": "x"}),
        await catalog.call("PUT", f"{path}/config", json=[]),
        await catalog.post(f"{path}/members", {"user_id": "key_x"}),
    ]
    assert [(status, error_of(answer)[0]) for status, answer in refused] == [(409, "project_archived")] * 3
    await eventually(catalog, inside, 409)
    status, restored = await catalog.post(f"{path}/restore", None)
    assert (status, "archived_at" in restored) == (200, False)
    assert (await catalog.post(inside, {**ACTION, "name": "second"}))[0] == 201
    assert await catalog.post(f"{path}/restore", None) == (200, restored)


async def eventually(catalog: Catalog, path: str, status: int) -> None:
    """A refusal is everywhere within seconds; what was allowed is at once."""
    answered = 0
    while answered != status:
        answered, _ = await catalog.post(path, {**ACTION, "name": fresh("a")})


async def test_a_project_is_deleted_for_good_and_only_when_it_is_archived(catalog: Catalog) -> None:
    project = await made(catalog)
    path, inside = f"/v1/projects/{project['id']}", f"/v1/projects/{project['handle']}/actions"
    _, key = await key_of(catalog, "admin", str(project["handle"]))
    status, answer = await catalog.call("DELETE", path)
    assert (status, error_of(answer)[0]) == (409, "project_not_archived")
    await catalog.post(f"{path}/archive", None)
    assert (await catalog.call("DELETE", path, headers=key))[0] == 403
    assert await catalog.call("DELETE", path) == (204, {})

    nowhere = await catalog.get("/v1/projects/prj_nowhere")
    assert nowhere[0] == 404
    for method, gone in (("GET", path), ("DELETE", path), ("POST", f"{path}/restore"), ("GET", f"{path}/config")):
        assert await catalog.call(method, gone) == nowhere
        by_its_key = await catalog.call(method, gone, headers=key)
        assert by_its_key == nowhere or by_its_key[0] == 401  # the key is revoked soon after
    while await catalog.get(inside) != nowhere:
        pass
    async with asyncio.timeout(20):
        while (await catalog.get("/v1/api-keys", headers=key))[0] != 401:
            await asyncio.sleep(0.05)
    assert project["handle"] not in await handles(catalog, f"?search={project['handle']}&status=all")
    status, answer = await catalog.post("/v1/projects", {"name": "Again", "handle": project["handle"]})
    assert (status, error_of(answer)) == (409, ("already_exists", "handle"))


async def test_the_secrets_of_a_deleted_project_go_with_it(catalog: Catalog, database: Database) -> None:
    project = await made(catalog)
    handle, path = str(project["handle"]), f"/v1/projects/{project['id']}"
    for number in range(3):
        assert (await catalog.post(f"/v1/projects/{handle}/actions", {**ACTION, "name": f"a-{number}"}))[0] == 201
    async with stores(catalog.settings) as stored:
        connecting = Context("catalog", handle, datetime.now(UTC))
        assert isinstance(await Integrations(*stored).connect("notes", ["token"], "sealed", connecting), Connected)
    assert (await catalog.post(f"{path}/archive", None))[0] == 200
    assert (await catalog.call("DELETE", path))[0] == 204

    connection = await asyncpg.connect(database.url)
    try:
        async with asyncio.timeout(20):
            while any([await connection.fetchval(rows, handle) for rows in ROWS]):
                await asyncio.sleep(0.1)
        said = [decode(row["event"]).data for row in await connection.fetch(LAST_STATES, handle)]
    finally:
        await connection.close()
    assert [(state.deleted, state.secrets) for state in said if isinstance(state, ActionState)] == [(True, [])] * 3
    assert [state.sealed for state in said if isinstance(state, IntegrationState)] == [None]


ROWS = (
    "SELECT count(*) FROM catalog.actions WHERE project = $1",
    "SELECT count(*) FROM catalog.integration_connections WHERE project = $1",
)
LAST_STATES = """
    SELECT DISTINCT ON (stream) event FROM catalog.journal
    WHERE split_part(stream, '/', 1) IN ('action-state', 'integration-state') AND split_part(stream, '/', 2) = $1
    ORDER BY stream, seq DESC
"""


async def test_the_keys_of_a_deleted_project_are_revoked_and_its_answers_forgotten(
    catalog: Catalog, database: Database
) -> None:
    project, other = await made(catalog), await made(catalog)
    handle, path = str(project["handle"]), f"/v1/projects/{project['id']}"
    keys = [(await key_of(catalog, role, handle))[0] for role in ("viewer", "admin")]
    stays, _ = await key_of(catalog, "admin", str(other["handle"]))
    for name in (handle, str(other["handle"])):
        inside, once = f"/v1/projects/{name}/actions", {"Idempotency-Key": name}
        assert (await catalog.call("POST", inside, json=ACTION, headers=once))[0] == 201
    assert (await catalog.post(f"{path}/archive", None))[0] == 200
    assert (await catalog.call("DELETE", path))[0] == 204

    async with asyncio.timeout(20):
        while await statuses(catalog, keys) != ["revoked", "revoked"]:
            await asyncio.sleep(0.1)
    assert await statuses(catalog, [stays]) == ["active"]
    connection = await asyncpg.connect(database.url)
    try:
        async with asyncio.timeout(20):
            while await connection.fetchval("SELECT count(*) FROM catalog.idempotency_keys") != 1:
                await asyncio.sleep(0.1)
        (answered,) = await connection.fetch("SELECT project FROM catalog.idempotency_keys")
        said = [decode(row["event"]) for row in await connection.fetch(LAST_EVENTS, keys)]
    finally:
        await connection.close()
    assert answered["project"] == other["handle"]
    assert [(event.data.type, event.actor, event.project) for event in said] == [
        ("api_key.revoked", "mobius", handle)
    ] * 2


async def statuses(catalog: Catalog, keys: list[str]) -> list[object]:
    return [(await catalog.get(f"/v1/api-keys/{key_id}"))[1]["status"] for key_id in keys]


LAST_EVENTS = """
    SELECT DISTINCT ON (stream) event FROM catalog.journal WHERE stream = ANY ($1::text[]) ORDER BY stream, seq DESC
"""


async def test_a_project_has_settings_that_are_replaced_as_a_whole(catalog: Catalog) -> None:
    project = await made(catalog)
    path = f"/v1/projects/{project['id']}/config"
    entry = {"category": "timeouts", "key": "liveness", "value": "30s"}
    assert await settings_of(catalog, path) == []
    status, answer = await catalog.call("PUT", path, json=[entry])
    assert (status, cast("object", answer)) == (200, [entry])
    assert await settings_of(catalog, path) == [entry]
    assert await catalog.call("DELETE", path) == (204, {})
    assert await catalog.call("DELETE", path) == (204, {})
    assert await settings_of(catalog, path) == []


async def settings_of(catalog: Catalog, path: str) -> object:
    status, answer = await catalog.get(path)
    assert status == 200
    return answer


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([{"category": "timeouts", "key": "liveness", "value": "soon"}], "[0].value"),
        ([{"category": "timeouts", "key": "wall_clock", "value": "1h"}], "[0].key"),
        ([{"category": "queues", "key": "liveness", "value": "1h"}], "[0].category"),
        ([{"category": "timeouts", "key": "liveness"}], "[0].value"),
        ([{"category": "timeouts", "key": "liveness", "value": 30}], "[0].value"),
        ([{"category": "timeouts", "key": "liveness", "value": "30s"}] * 2, "[1].key"),
        ([{"category": "timeouts", "key": "liveness", "value": "30s", "why": ""}], "[0].why"),
        ({"category": "timeouts"}, ""),
    ],
)
async def test_bad_settings_are_refused_by_their_field(catalog: Catalog, body: object, field: str) -> None:
    path = f"/v1/projects/{(await made(catalog))['id']}/config"
    status, answer = await catalog.call("PUT", path, json=body)

    assert (status, error_of(answer)) == (400, ("invalid_argument", field))


async def test_a_restricted_project_is_seen_by_its_own_keys_its_members_and_administrators(catalog: Catalog) -> None:
    project = await made(catalog, access_mode="restricted")
    handle, members = str(project["handle"]), f"/v1/projects/{project['id']}/members"
    born, own = await key_of(catalog, "viewer", handle)
    guest, key = await key_of(catalog, "author")
    narrowed = bearer(f"{handle}/{key['Authorization'].removeprefix('Bearer ')}")
    nowhere = await catalog.get("/v1/projects/never-made/actions")
    for header in (key, narrowed):
        assert await catalog.get(f"/v1/projects/{handle}/actions", headers=header) == nowhere
        assert await catalog.get(f"/v1/projects/{handle}", headers=header) == nowhere
        assert handle not in await handles(catalog, headers=header)
    status, member = await catalog.post(members, {"user_id": guest})
    assert (status, member["user_id"]) == (201, guest)
    models.ProjectMember.model_validate(member)

    assert await catalog.post(members, {"user_id": guest}) == (200, member)
    assert (await catalog.post(members, {"user_id": born}))[0] == 200
    for header in (key, narrowed, own):
        assert (await catalog.get(f"/v1/projects/{handle}/actions", headers=header))[0] == 200
        assert handle in await handles(catalog, headers=header)
    assert (await catalog.call("DELETE", f"{members}/{guest}"))[0] == 204
    while await catalog.get(f"/v1/projects/{handle}/actions", headers=key) != nowhere:
        pass


async def test_members_are_listed_by_pages(catalog: Catalog) -> None:
    project = await made(catalog)
    path = f"/v1/projects/{project['id']}/members"
    ids = [(await key_of(catalog, "viewer", str(project["handle"])))[0] for _ in range(3)]
    for _ in range(2):
        ids.append((await key_of(catalog, "worker"))[0])
        await catalog.post(path, {"user_id": ids[-1]})
    found: list[object] = []
    query = "?limit=2"
    while query:
        status, page = await catalog.get(path + query)
        models.ProjectMemberListResponse.model_validate(page)
        found += [item["user_id"] for item in cast("list[dict[str, object]]", page["items"])]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["has_more"] else ""

    assert (status, found) == (200, sorted(ids))


async def test_a_restricted_project_keeps_its_last_member(catalog: Catalog) -> None:
    guest, _ = await key_of(catalog, "author")
    project = await made(catalog)
    path, members = f"/v1/projects/{project['id']}", f"/v1/projects/{project['id']}/members"
    restricted = {"access_mode": "restricted", "seed_existing_members": True}
    assert (await catalog.call("PATCH", path, json=restricted))[0] == 200
    seeded = [item["user_id"] for item in cast("list[dict[str, str]]", (await catalog.get(members))[1]["items"])]
    assert guest in seeded
    for key_id in seeded[:-1]:
        assert (await catalog.call("DELETE", f"{members}/{key_id}"))[0] == 204
    status, answer = await catalog.call("DELETE", f"{members}/{seeded[-1]}")
    assert (status, error_of(answer)) == (400, ("invalid_argument", "user_id"))
    assert (await catalog.call("PATCH", path, json={"access_mode": "org_open"}))[0] == 200
    assert (await catalog.call("DELETE", f"{members}/{seeded[-1]}"))[0] == 204
    assert (await catalog.call("DELETE", f"{members}/{seeded[-1]}"))[0] == 404


async def test_keys_that_have_ended_are_no_members(catalog: Catalog) -> None:
    project = await made(catalog, access_mode="restricted")
    members = f"/v1/projects/{project['id']}/members"
    guests = [(await key_of(catalog, "author"))[0] for _ in range(3)]
    for guest in guests:
        assert (await catalog.post(members, {"user_id": guest}))[0] == 201
    for guest in guests[:2]:
        assert (await catalog.call("DELETE", f"/v1/api-keys/{guest}"))[0] == 204

    _, page = await catalog.get(members)
    assert [item["user_id"] for item in cast("list[dict[str, str]]", page["items"])] == guests[2:]
    status, answer = await catalog.call("DELETE", f"{members}/{guests[2]}")
    assert (status, error_of(answer)) == (400, ("invalid_argument", "user_id"))
    assert (await catalog.call("DELETE", f"{members}/{guests[0]}"))[0] == 204


async def test_what_cannot_be_a_member_is_refused(catalog: Catalog) -> None:
    project, other = await made(catalog), await made(catalog)
    path = f"/v1/projects/{project['id']}/members"
    foreign, _ = await key_of(catalog, "viewer", str(other["handle"]))
    born, _ = await key_of(catalog, "viewer", str(project["handle"]))
    unknown = await catalog.post(path, {"user_id": "key_unknown"})

    assert (unknown[0], error_of(unknown[1])) == (400, ("invalid_argument", "user_id"))
    assert await catalog.post(path, {"user_id": foreign}) == unknown
    status, answer = await catalog.call("DELETE", f"{path}/{born}")
    assert (status, error_of(answer)) == (400, ("invalid_argument", "user_id"))


@pytest.mark.parametrize("role", ["viewer", "worker", "author"])
async def test_only_administrators_change_projects(catalog: Catalog, role: str) -> None:
    project = await made(catalog)
    path = f"/v1/projects/{project['id']}"
    for scope in (None, str(project["handle"])):
        _, key = await key_of(catalog, role, scope)
        assert (await catalog.get(path, headers=key))[0] == 200
        for method, place in (("PATCH", path), ("POST", f"{path}/archive"), ("DELETE", path), ("POST", "/v1/projects")):
            assert (await catalog.call(method, place, json={"name": "x"}, headers=key))[0] == 403


@pytest.mark.parametrize("narrowed", [False, True], ids=["its-own", "narrowed"])
async def test_an_administrator_of_a_project_knows_that_one_only(catalog: Catalog, narrowed: bool) -> None:
    own, other = await made(catalog), await made(catalog)
    _, key = await key_of(catalog, "admin", None if narrowed else str(own["handle"]))
    if narrowed:
        key = {"Authorization": key["Authorization"].replace("mbx_", f"{own['handle']}/mbx_", 1)}
    nowhere = await catalog.get("/v1/projects/prj_nowhere", headers=key)

    assert await handles(catalog, "?status=all", headers=key) == [own["handle"]]
    assert (await catalog.call("PATCH", f"/v1/projects/{own['id']}", json={"name": "Mine"}, headers=key))[0] == 200
    assert (await catalog.post("/v1/projects", {"name": "x"}, headers=key))[0] == 403
    for name in (other["id"], other["handle"]):
        path = f"/v1/projects/{name}"
        foreign = [
            await catalog.get(path, headers=key),
            await catalog.call("PATCH", path, json={"name": "x"}, headers=key),
            await catalog.post(f"{path}/archive", None, headers=key),
            await catalog.call("DELETE", path, headers=key),
            await catalog.get(f"{path}/members", headers=key),
        ]
        assert foreign == [nowhere] * 5


def test_the_models_of_the_client_are_strict() -> None:
    used: tuple[type[BaseModel], ...] = (models.Project, models.ProjectListResponse, models.ProjectMember)
    assert {model.model_config.get("extra") for model in used} == {"forbid"}
