"""Connections with integrations: made, looked at, replaced, taken back; and nowhere are their credentials in clear."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import asyncpg
import pytest

from deploy.local.servers import Database
from libs.chassis.bus.producer import Message, Producer
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, entry
from libs.chassis.sealing import CannotOpen, Sealed, Sealer
from libs.contracts.api_keys import token_sha256
from libs.contracts.codec import JsonObject, parse_json
from libs.contracts.events.catalog import Annotations, ApiKeyState, IntegrationState, Role
from libs.contracts.events.dispatcher import ConnectionTestState, PlatformActionState, PlatformIntegrationState
from libs.contracts.integration_credentials import credentials_aad
from libs.contracts.payload import Payload
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.running import MASTER_KEY, Catalog, bearer

SECRET = "tok-of-the-reading-room-0123456789"
SCHEMA: JsonObject = {
    "type": "object",
    "required": ["token", "account"],
    "additionalProperties": False,
    "properties": {
        "token": {"type": "string", "minLength": 10, "writeOnly": True},
        "account": {"type": "string", "pattern": "^[a-z]+$"},
    },
}
CREDENTIALS: JsonObject = {"token": SECRET, "account": "reading"}


@dataclass
class Dispatcher:
    """Says what a dispatcher would say, of an integration that has a name of its own in each test."""

    producer: Producer
    slug: str
    said: dict[str, tuple[str, Payload]] = field(default_factory=dict)

    @property
    def action(self) -> str:
        return f"{self.slug}.do-it"

    async def announce(self, **changes: object) -> None:
        fields: dict[str, object] = {
            "integration": self.slug,
            "title": "Notebook",
            "description": "Notes.",
            "credentials_schema": SCHEMA,
            "connect_help": "Ask somebody.",
            "needs_connection": True,
            "has_default": False,
        }
        await self.say(self.slug, PlatformIntegrationState.model_validate(fields | changes))

    async def offer(self, available: bool = False, withdrawn: bool = False) -> None:
        action = PlatformActionState(
            name=self.action,
            integration=self.slug,
            title="Do it",
            description="Writes a note.",
            input_schema={"type": "object"},
            output_schema={"type": "object"},
            annotations=Annotations(),
            available=available,
            withdrawn=withdrawn,
        )
        await self.say(self.action, action)

    async def tell_of_test(self, project: str, version: int | None, passed: bool) -> None:
        test = ConnectionTestState(
            project=project,
            integration=self.slug,
            connection_version=version,
            passed=passed,
            error_type=None if passed else "fatal_error",
            error_message=None if passed else "expected …, but …",
            tested_at=datetime.now(UTC),
            tested_by="key_1",
        )
        await self.say(f"{project}/{self.slug}", test)

    async def say(self, key: str, payload: Payload) -> None:
        context = Context(service="dispatcher", project="", now=datetime.now(UTC))
        said = entry(context, f"said/{key}", 1, key, payload)
        await self.producer.publish(said.topic, said.partition, [Message(key.encode(), said.raw)])


@pytest.fixture
async def dispatcher(settings: CatalogSettings, catalog: Catalog) -> AsyncIterator[Dispatcher]:
    producer = Producer(settings.kafka_bootstrap, "test-dispatcher")
    await producer.start()
    dispatcher = Dispatcher(producer, new_id("n").replace("_", "-"))
    await dispatcher.announce()
    await dispatcher.offer()
    assert (await catalog.get("/integrations"))[0] == 200  # which reads what was said to its end
    yield dispatcher
    await dispatcher.announce(withdrawn=True)
    await dispatcher.offer(withdrawn=True)
    await producer.stop()


async def connect(catalog: Catalog, slug: str, **changes: object) -> tuple[int, dict[str, object]]:
    return await catalog.call("PUT", f"/integrations/{slug}", json={"credentials": {**CREDENTIALS, **changes}})


async def disconnect(catalog: Catalog, slug: str) -> int:
    path = f"{catalog.origin}/v1/projects/{catalog.project}/integrations/{slug}"
    async with catalog.http.delete(path) as answer:
        return answer.status


@pytest.fixture
async def states(settings: CatalogSettings) -> AsyncIterator[tuple[StateReader, Replica[IntegrationState]]]:
    """What the dispatcher reads."""
    replica = Replica("mobius.catalog-integration-state.v1", IntegrationState)
    reader = StateReader(settings.kafka_bootstrap, "test-states", [replica])
    await reader.start()
    yield reader, replica
    await reader.stop()


async def test_a_project_connects_and_sees_what_is_set_and_no_credential(
    catalog: Catalog, dispatcher: Dispatcher
) -> None:
    before = await catalog.get(f"/integrations/{dispatcher.slug}")
    status, made = await connect(catalog, dispatcher.slug)
    shown = await catalog.get(f"/integrations/{dispatcher.slug}")
    _, listed = await catalog.get("/integrations")

    assert before == (
        200,
        {
            "slug": dispatcher.slug,
            "title": "Notebook",
            "description": "Notes.",
            "available": False,
            "connected": False,
            "needs_connection": True,
            "has_default": False,
            "connect_help": "Ask somebody.",
            "credentials_schema": SCHEMA,
        },
    )
    assert status == 201
    assert made["fields"] == ["account", "token"]
    assert str(made["connected_by"]).startswith("key_")
    assert datetime.fromisoformat(str(made["connected_at"])) <= datetime.now(UTC)
    assert (made["available"], made["connected"]) == (True, True)
    assert shown == (200, made)
    assert made in cast("list[object]", listed["items"])
    assert SECRET not in str((made, shown, listed))


@pytest.mark.parametrize(
    ("credentials", "field", "told"),
    [
        ({"account": "reading"}, "credentials", "token"),
        ({"token": "short", "account": "reading"}, "credentials.token", "at least 10 characters"),
        ({"token": SECRET, "account": "R2"}, "credentials.account", "matches"),
        ({"token": 7, "account": "reading"}, "credentials.token", "type string"),
        ({**CREDENTIALS, "tokn": "x"}, "credentials", "no other fields"),
    ],
)
async def test_credentials_that_do_not_fit_are_refused_by_field_and_not_repeated(
    catalog: Catalog, dispatcher: Dispatcher, credentials: JsonObject, field: str, told: str
) -> None:
    status, refused = await catalog.call("PUT", f"/integrations/{dispatcher.slug}", json={"credentials": credentials})
    error = cast("dict[str, dict[str, object]]", refused)["error"]
    assert (status, error["code"], cast(JsonObject, error["details"])["field"]) == (400, "invalid_argument", field)
    assert told in str(error["message"])
    assert SECRET not in str(refused)
    assert (await catalog.get(f"/integrations/{dispatcher.slug}"))[1]["connected"] is False


async def test_an_integration_that_takes_none_or_is_not_there_is_not_connected(
    catalog: Catalog, dispatcher: Dispatcher
) -> None:
    await dispatcher.announce(credentials_schema=None, needs_connection=False)
    assert (await catalog.get(f"/integrations/{dispatcher.slug}"))[1]["available"] is True
    assert (await connect(catalog, dispatcher.slug))[0] == 409
    assert (await connect(catalog, "never-was"))[0] == 404
    assert (await catalog.get("/integrations/never-was"))[0] == 404
    await dispatcher.announce(withdrawn=True)
    assert (await catalog.get(f"/integrations/{dispatcher.slug}"))[0] == 404
    assert (await connect(catalog, dispatcher.slug))[0] == 404


async def test_the_dispatcher_can_open_what_was_answered_and_only_for_its_place(
    catalog: Catalog, dispatcher: Dispatcher, states: tuple[StateReader, Replica[IntegrationState]]
) -> None:
    reader, replica = states
    sealer, key = Sealer.from_base64(MASTER_KEY), f"{catalog.project}/{dispatcher.slug}"
    await connect(catalog, dispatcher.slug)
    await reader.catch_up()
    first = replica[key]
    assert (await connect(catalog, dispatcher.slug, account="writing"))[0] == 200
    await reader.catch_up()
    second = replica[key]
    assert await disconnect(catalog, dispatcher.slug) == 204
    await reader.catch_up()

    opened = [opened_by(sealer, state, catalog.project, dispatcher.slug) for state in (first, second)]
    assert opened == [CREDENTIALS, {**CREDENTIALS, "account": "writing"}]
    assert (replica[key].sealed, first.connection_version < second.connection_version) == (None, True)
    for place in (("other", dispatcher.slug), (catalog.project, "other")):
        with pytest.raises(CannotOpen):
            opened_by(sealer, first, *place)


def opened_by(sealer: Sealer, state: IntegrationState, project: str, slug: str) -> object:
    assert state.sealed is not None
    return parse_json(sealer.open(Sealed.parse(state.sealed), credentials_aad(project, slug)))


async def test_a_connection_is_taken_back_once_and_can_be_made_again(catalog: Catalog, dispatcher: Dispatcher) -> None:
    assert await disconnect(catalog, dispatcher.slug) == 404
    await connect(catalog, dispatcher.slug)
    await dispatcher.announce(withdrawn=True)
    assert (await catalog.get(f"/integrations/{dispatcher.slug}"))[1]["connected"] is True, (
        "credentials are never hidden"
    )
    assert await disconnect(catalog, dispatcher.slug) == 204
    assert await disconnect(catalog, dispatcher.slug) == 404
    await dispatcher.announce()
    assert (await catalog.get(f"/integrations/{dispatcher.slug}"))[1]["connected"] is False
    assert (await connect(catalog, dispatcher.slug))[0] == 201


@dataclass(frozen=True)
class Room:
    """A project beside the first one."""

    path: str
    handle: str

    @classmethod
    async def made(cls, catalog: Catalog) -> "Room":
        status, project = await catalog.post("/v1/projects", {"name": new_id("room").replace("_", "-")})
        assert status == 201, project
        return cls(f"/v1/projects/{project['id']}", str(project["handle"]))

    def connection(self, slug: str) -> str:
        return f"/v1/projects/{self.handle}/integrations/{slug}"


async def test_an_archived_project_may_disconnect_and_no_more(catalog: Catalog, dispatcher: Dispatcher) -> None:
    room, body = await Room.made(catalog), {"credentials": CREDENTIALS}
    assert (await catalog.call("PUT", room.connection(dispatcher.slug), json=body))[0] == 201
    assert (await catalog.post(f"{room.path}/archive", None))[0] == 200
    async with asyncio.timeout(5):  # the door goes by a replica
        while (await catalog.call("PUT", room.connection(dispatcher.slug), json=body))[0] != 409:
            await asyncio.sleep(0.01)
    assert (await catalog.call("DELETE", room.connection(dispatcher.slug)))[0] == 204


async def test_the_connections_of_a_deleted_project_go_with_it(
    catalog: Catalog, dispatcher: Dispatcher, states: tuple[StateReader, Replica[IntegrationState]]
) -> None:
    reader, replica = states
    room = await Room.made(catalog)
    body = {"credentials": CREDENTIALS}
    assert (await catalog.call("PUT", room.connection(dispatcher.slug), json=body))[0] == 201
    assert (await catalog.post(f"{room.path}/archive", None))[0] == 200
    assert (await catalog.call("DELETE", room.path))[0] == 204
    async with asyncio.timeout(20):
        while (
            replica.get(f"{room.handle}/{dispatcher.slug}") is None
            or replica[f"{room.handle}/{dispatcher.slug}"].sealed is not None
        ):
            await asyncio.sleep(0.1)
            await reader.catch_up()


async def test_two_who_connect_at_once_both_do_and_one_is_the_later(catalog: Catalog, dispatcher: Dispatcher) -> None:
    answers = await asyncio.gather(*(connect(catalog, dispatcher.slug, account=name) for name in ("a", "b", "c")))
    assert sorted(status for status, _ in answers) == [200, 200, 201]


async def test_the_last_trial_is_shown_as_long_as_it_is_of_what_is_used(
    catalog: Catalog, dispatcher: Dispatcher, states: tuple[StateReader, Replica[IntegrationState]]
) -> None:
    reader, replica = states
    await connect(catalog, dispatcher.slug)
    await reader.catch_up()
    version = replica[f"{catalog.project}/{dispatcher.slug}"].connection_version
    await dispatcher.tell_of_test(catalog.project, version, passed=False)
    _, shown = await catalog.get(f"/integrations/{dispatcher.slug}")
    tried = cast(JsonObject, shown["last_test"])
    assert (tried["passed"], tried["error_type"], tried["tested_by"]) == (False, "fatal_error", "key_1")
    await connect(catalog, dispatcher.slug)
    assert "last_test" not in (await catalog.get(f"/integrations/{dispatcher.slug}"))[1]


async def test_what_happened_is_said_without_a_secret_and_nothing_is_kept_in_clear(
    catalog: Catalog, dispatcher: Dispatcher, database: Database
) -> None:
    await connect(catalog, dispatcher.slug)
    await connect(catalog, dispatcher.slug)
    connection = await asyncpg.connect(database.url)
    try:
        kept = await connection.fetch("SELECT * FROM catalog.integration_connections")
        await disconnect(catalog, dispatcher.slug)
        journal = await connection.fetch("SELECT event FROM catalog.journal ORDER BY seq")
        left = await connection.fetchval("SELECT count(*) FROM catalog.integration_connections")
    finally:
        await connection.close()
    events = [cast(JsonObject, parse_json(bytes(row["event"]))) for row in journal]
    stream = f"integration/{catalog.project}/{dispatcher.slug}"
    said = [(event["type"], cast(JsonObject, event["data"])) for event in events if event["subject"] == stream]
    assert [kind for kind, _ in said] == ["integration.connected", "integration.connected", "integration.disconnected"]
    assert said[0][1] == {"integration": dispatcher.slug, "connection_version": 1, "fields": ["account", "token"]}
    assert SECRET not in str((kept, [bytes(row["event"]) for row in journal]))
    assert (len(kept), left) == (1, 0)


async def key_of(dispatcher: Dispatcher, catalog: Catalog, role: Role) -> dict[str, str]:
    """The header of a new key of this role."""
    token = f"mbx_{new_id(role)}"
    state = ApiKeyState(
        key_id=new_id("key"), token_sha256=token_sha256(token), name=role, role=role, project=catalog.project
    )
    context = Context(service="catalog", project="", now=datetime.now(UTC))
    said = entry(context, f"granted/{state.key_id}", 1, state.key_id, state)
    await dispatcher.producer.publish(said.topic, said.partition, [Message(state.key_id.encode(), said.raw)])
    return bearer(token)


@pytest.mark.parametrize("role", ["viewer", "worker", "author"])
async def test_only_an_admin_connects_and_disconnects(catalog: Catalog, dispatcher: Dispatcher, role: Role) -> None:
    key = await key_of(dispatcher, catalog, role)
    path, body = f"/integrations/{dispatcher.slug}", {"credentials": CREDENTIALS}
    assert (await catalog.call("PUT", path, json=body, headers=key))[0] == 403
    assert (await catalog.call("DELETE", path, headers=key))[0] == 403
    assert (await catalog.get(path, headers=key))[0] == 200


async def available(catalog: Catalog, name: str, **more: object) -> bool:
    status, entry_ = await catalog.get(f"/actions/catalog/{name}", **more)
    assert status == 200
    return bool(entry_["available"])


async def test_an_action_is_available_while_its_integration_is_connected(
    catalog: Catalog, dispatcher: Dispatcher
) -> None:
    seen = [await available(catalog, dispatcher.action)]
    await connect(catalog, dispatcher.slug)
    seen.append(await available(catalog, dispatcher.action))
    await disconnect(catalog, dispatcher.slug)
    seen.append(await available(catalog, dispatcher.action))
    assert seen == [False, True, False]


async def test_an_action_is_available_to_those_who_may_run_it(catalog: Catalog, dispatcher: Dispatcher) -> None:
    await connect(catalog, dispatcher.slug)
    await catalog.create("own-action")
    for role, may in (("viewer", False), ("worker", False), ("author", True), ("admin", True)):
        key = await key_of(dispatcher, catalog, cast(Role, role))
        names = (dispatcher.action, "own-action")
        assert [await available(catalog, name, headers=key) for name in names] == [may, may], role
        _, listed = await catalog.get("/actions/catalog", headers=key)
        items = cast("list[JsonObject]", listed["items"])
        assert {item["available"] for item in items if item["name"] in names} == {may}, role


async def names(catalog: Catalog, query: str) -> list[object]:
    status, listed = await catalog.get(f"/actions/catalog{query}")
    assert status == 200, listed
    return [item["name"] for item in cast("list[JsonObject]", listed["items"])]


async def test_the_catalog_is_filtered(catalog: Catalog, dispatcher: Dispatcher) -> None:
    await catalog.create("summarize", description="Reads a Document.")
    await catalog.create("archive", title="Put a document away")
    assert dispatcher.action in await names(catalog, "")
    assert await names(catalog, "?source=project") == ["archive", "summarize"]
    assert await names(catalog, f"?source={dispatcher.slug}") == [dispatcher.action]
    assert await names(catalog, f"?integration={dispatcher.slug}") == [dispatcher.action]
    assert await names(catalog, "?search=DOCUMENT") == ["archive", "summarize"]
    assert await names(catalog, "?search=summar&source=project") == ["summarize"]
    assert await names(catalog, f"?integration={dispatcher.slug}&available=true") == []
    assert await names(catalog, f"?integration={dispatcher.slug}&available=false") == [dispatcher.action]


async def test_the_catalog_comes_whole_or_in_pages(catalog: Catalog, dispatcher: Dispatcher) -> None:
    for number in range(5):
        await catalog.create(f"one-{number}")
    _, whole = await catalog.get("/actions/catalog?source=project")
    assert set(whole) == {"items"}, "what the wire contract knows, and no more, unless pages were asked for"

    found: list[object] = []
    path = "/actions/catalog?source=project&limit=2"
    for more in (True, True, False):
        _, page = await catalog.get(path)
        found += cast("list[object]", page["items"])
        assert (page["has_more"], "next_cursor" in page) == (more, more)
        path = f"/actions/catalog?source=project&limit=2&cursor={page.get('next_cursor')}"
    assert found == whole["items"]
    for wrong in ("?limit=0", "?limit=201", "?cursor=x", "?available=perhaps", "?sort=name"):
        assert (await catalog.get(f"/actions/catalog{wrong}"))[0] == 400, wrong
