"""Actions that change and end: what is said of it, who wins, and who must not be harmed."""

import asyncio
from collections.abc import Sequence

import aiohttp
import asyncpg
import pytest
from multidict import CIMultiDict

from deploy.local.servers import Database
from libs.chassis.bus.replica import Replica, StateReader
from libs.contracts.envelope import Event
from libs.contracts.events.catalog import AcceptedBreaking, ActionDeleted, ActionState, ActionUpdated
from libs.contracts.payload import Payload
from libs.contracts.registry import decode
from libs.contracts.topics import topic_for
from tests.integration.catalog.running import ENDPOINT, Catalog, started

DOC = {"type": "object", "properties": {"doc_id": {"type": "string"}}}
STRICT = {**DOC, "required": ["doc_id"]}


async def history(database: Database, action: dict[str, object]) -> Sequence[Event[Payload]]:
    """The events of an action, from the journal."""
    connection = await asyncpg.connect(database.service_urls["catalog"])
    try:
        rows = await connection.fetch("SELECT event FROM journal WHERE stream = $1 ORDER BY seq", action["id"])
    finally:
        await connection.close()
    return [decode(row["event"]) for row in rows]


async def states_of(catalog: Catalog, name: str) -> list[ActionState]:
    """What was announced of a name until now, on the topic."""
    said: list[ActionState] = []
    replica = Replica(topic_for("catalog", ActionState.type).name, ActionState, said.append)
    reader = StateReader(catalog.settings.kafka_bootstrap, "test-states", [replica])
    await reader.start()
    await reader.stop()
    return [state for state in said if (state.project, state.name) == (catalog.project, name)]


async def use(catalog: Catalog, engine_url: str, action: str, **more: object) -> dict[str, object]:
    """A workflow that names the action, saved in the engine."""
    spec = {"name": "using", "steps": [{"name": "only", "action": action, **more}]}
    return await asked(catalog, engine_url, "POST", "workflows", {"name": f"using {action}", "spec": spec})


async def asked(catalog: Catalog, engine_url: str, method: str, path: str, body: object) -> dict[str, object]:
    url = f"{engine_url}/v1/projects/{catalog.project}/{path}"
    async with catalog.http.request(method, url, json=body) as response:
        answer: dict[str, object] = await response.json()
        assert response.status < 300, answer
        return answer


async def test_what_is_left_out_stays_and_the_rest_is_said(catalog: Catalog, database: Database) -> None:
    action = await catalog.create("summarize", title="Old", input_schema=DOC, annotations={"idempotent": True})
    changed = await catalog.patch("/actions/summarize", {"title": "New", "output_schema": DOC})
    del action["signing_secret"]

    moved = {"title": "New", "output_schema": DOC, "updated_at": changed.body["updated_at"]}
    assert (changed.status, changed.body) == (200, action | moved)
    assert changed.body["updated_at"] != action["updated_at"]
    assert await catalog.get("/actions/summarize") == (200, changed.body)
    event = (await history(database, action))[-1]
    assert isinstance(event.data, ActionUpdated)
    assert (event.sequence, event.data.changed) == (2, ["title", "output_schema"])
    assert (event.data.title, event.data.input_schema, event.data.accepted_breaking) == ("New", DOC, None)
    first, last = await states_of(catalog, "summarize")
    assert last == first.model_copy(update={"title": "New", "output_schema": DOC})


async def test_annotations_are_replaced_as_a_whole_and_cleared_by_null(catalog: Catalog) -> None:
    await catalog.create("summarize", annotations={"idempotent": True})
    kept = await catalog.patch("/actions/summarize", {"title": "T"})
    replaced = await catalog.patch("/actions/summarize", {"annotations": {"read_only": True}})
    cleared = await catalog.patch("/actions/summarize", {"annotations": None})

    assert kept.body["annotations"] == {"idempotent": True, "destructive": False, "read_only": False}
    assert replaced.body["annotations"] == {"idempotent": False, "destructive": False, "read_only": True}
    assert "annotations" not in cleared.body


@pytest.mark.parametrize("body", [{}, {"title": "Sum"}, {"annotations": None}])
async def test_nothing_happens_where_it_is_so_already(catalog: Catalog, database: Database, body: object) -> None:
    action = await catalog.create("summarize", title="Sum")
    shown = await catalog.ask("GET", "/actions/summarize")
    same = await catalog.patch("/actions/summarize", body)

    assert (same.status, same.body, same.tag) == (200, shown.body, shown.tag)
    assert len(await history(database, action)) == 1


async def test_only_the_state_that_was_seen_is_changed(catalog: Catalog) -> None:
    created = await catalog.ask("POST", "/actions", json={"name": "summarize", "endpoint_url": ENDPOINT})
    seen = {"If-Match": created.tag}
    first = await catalog.patch("/actions/summarize", {"title": "mine"}, headers=seen)
    second = await catalog.patch("/actions/summarize", {"title": "yours"}, headers=seen)
    gone = await catalog.delete("/actions/summarize", headers=seen)

    assert (first.status, second.status, gone.status) == (200, 412, 412)
    assert first.tag != created.tag
    assert second.error["code"] == "precondition_failed"
    assert second.error["details"] == {"field": "header.If-Match", "current_tag": first.tag.strip('"')}
    assert (await catalog.ask("GET", "/actions/summarize")).tag == first.tag
    listed = {"If-Match": f'"other", {first.tag}'}
    assert (await catalog.patch("/actions/summarize", {"title": "ours"}, headers=listed)).status == 200
    ours = await catalog.ask("GET", "/actions/summarize")
    lines = CIMultiDict([("If-Match", '"other"'), ("If-Match", ours.tag)])
    assert (await catalog.patch("/actions/summarize", {"title": "theirs"}, headers=lines)).status == 200
    assert (await catalog.patch("/actions/summarize", {"title": "any"}, headers={"If-Match": "*"})).status == 200
    weak = {"If-Match": f"W/{first.tag}"}
    assert (await catalog.patch("/actions/summarize", {"title": "weak"}, headers=weak)).status == 412


async def test_of_concurrent_changes_of_one_state_exactly_one_wins(catalog: Catalog, database: Database) -> None:
    action = await catalog.create("summarize")
    tag = (await catalog.ask("GET", "/actions/summarize")).tag
    seen = {"If-Match": tag}
    patches = [catalog.patch("/actions/summarize", {"title": f"{n}"}, headers=seen) for n in range(8)]
    answers = await asyncio.gather(*patches)

    assert sorted(answer.status for answer in answers) == [200] + [412] * 7
    (winner,) = [answer for answer in answers if answer.status == 200]
    assert (await catalog.get("/actions/summarize"))[1] == winner.body
    assert [event.type for event in await history(database, action)] == ["action.created", "action.updated"]


async def test_two_replicas_lose_no_change(catalog: Catalog, database: Database) -> None:
    action = await catalog.create("summarize")
    async with started(catalog.settings) as other:
        for round_ in range(4):
            answers = await asyncio.gather(
                catalog.patch("/actions/summarize", {"title": f"t{round_}"}),
                other.patch("/actions/summarize", {"description": f"d{round_}"}),
            )
            assert [answer.status for answer in answers] == [200, 200]
            shown = (await catalog.get("/actions/summarize"))[1]
            assert (shown["title"], shown["description"]) == (f"t{round_}", f"d{round_}")
    assert [event.sequence for event in await history(database, action)] == list(range(1, 10))


async def test_changes_and_rotations_of_one_action_keep_each_other(catalog: Catalog, database: Database) -> None:
    action = await catalog.create("summarize")
    tag = (await catalog.ask("GET", "/actions/summarize")).tag
    for round_ in range(4):
        answers = await asyncio.gather(
            catalog.patch("/actions/summarize", {"title": f"t{round_}"}),
            catalog.ask("POST", "/actions/summarize/secret/rotate"),
        )
        assert [answer.status for answer in answers] == [200, 200]
    state = (await states_of(catalog, "summarize"))[-1]

    assert state.title == "t3"
    assert [secret.version for secret in state.secrets if secret.expires_at is None] == [5]
    assert [event.sequence for event in await history(database, action)] == list(range(1, 10))
    assert (await catalog.patch("/actions/summarize", {"title": "T"}, headers={"If-Match": tag})).status == 412


FIELDS: list[tuple[object, str]] = [
    ({"name": "other"}, "name"),
    ({"signing_secret": "whsec_mine"}, "signing_secret"),
    ({"title": None}, "title"),
    ({"title": 7}, "title"),
    ({"title": "t" * 201}, "title"),
    ({"description": None}, "description"),
    ({"endpoint_url": None}, "endpoint_url"),
    ({"endpoint_url": "http://10.0.0.1/"}, "endpoint_url"),
    ({"input_schema": None}, "input_schema"),
    ({"input_schema": {"$ref": "https://example.com/s.json"}}, "input_schema.$ref"),
    ({"output_schema": {"properties": {"a": {"pattern": "(?<=b)a"}}}}, "output_schema.properties.a.pattern"),
    ({"annotations": []}, "annotations"),
    ({"annotations": {"idempotent": None}}, "annotations.idempotent"),
    ({"annotations": {"destructive": True, "read_only": True}}, "annotations"),
]


async def test_each_wrong_field_is_named_and_nothing_changes(catalog: Catalog) -> None:
    await catalog.create("summarize", title="Sum")
    before = await catalog.get("/actions/summarize")
    for body, field in FIELDS:
        refused = await catalog.patch("/actions/summarize", body)
        assert (refused.status, refused.error["code"]) == (400, "invalid_argument"), body
        assert refused.error["details"]["field"] == field, body
    for header, value in (("If-Match", "1"), ("If-Match", '"a" "b"'), ("If-Match", "")):
        refused = await catalog.patch("/actions/summarize", {"title": "T"}, headers={header: value})
        assert (refused.status, refused.error["details"]["field"]) == (400, "header.If-Match")
    for query in ("accept_breaking=", "accept_breaking=%20", f"accept_breaking={'r' * 501}"):
        refused = await catalog.patch(f"/actions/summarize?{query}", {"title": "T"})
        assert (refused.status, refused.error["details"]["field"]) == (400, "accept_breaking")

    assert await catalog.get("/actions/summarize") == before


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_what_is_not_there_is_neither_changed_nor_deleted(catalog: Catalog, method: str) -> None:
    answer = await catalog.ask(method, "/actions/unknown", **({"json": {"title": "T"}} if method == "PATCH" else {}))
    assert (answer.status, answer.error["code"]) == (404, "not_found")


async def test_a_deleted_action_is_gone_and_its_name_is_free(whole: Catalog, database: Database) -> None:
    action = await whole.create("summarize")
    tag = (await whole.ask("GET", "/actions/summarize")).tag
    gone = await whole.delete("/actions/summarize", headers={"If-Match": tag})

    assert (gone.status, gone.body) == (204, {})
    assert (await whole.get("/actions/summarize"))[0] == 404
    assert (await whole.get("/actions"))[1]["items"] == []
    assert isinstance((await history(database, action))[-1].data, ActionDeleted)
    again = await whole.create("summarize", title="again")
    assert again["id"] != action["id"]
    first, tombstone, last = await states_of(whole, "summarize")
    assert (first.deleted, tombstone.deleted, last.deleted) == (False, True, False)
    assert (len(first.secrets), tombstone.secrets, len(last.secrets)) == (1, [], 1)
    assert last.action_id == again["id"]
    assert (await whole.delete("/actions/summarize", headers={"If-Match": tag})).status == 412


async def test_an_action_in_use_is_not_deleted(whole: Catalog, engine_url: str) -> None:
    await whole.create("summarize")
    await whole.create("other")
    workflow = await use(whole, engine_url, "summarize")
    refused = await whole.delete("/actions/summarize")

    assert (refused.status, refused.error["code"]) == (409, "action_in_use")
    assert "using summarize" in refused.error["message"]
    used = {"id": workflow["id"], "name": "using summarize", "latest_version": 1, "steps": ["only"]}
    assert refused.error["details"] == {"workflows": [used]}
    assert (await whole.get("/actions/summarize"))[0] == 200
    spec = {"name": "using", "steps": [{"name": "only", "action": "other"}]}
    await asked(whole, engine_url, "PATCH", f"workflows/{workflow['id']}", {"spec": spec})
    assert (await whole.delete("/actions/summarize")).status == 204


async def test_a_breaking_change_tells_whom_it_would_break(whole: Catalog, engine_url: str) -> None:
    await whole.create("summarize", input_schema=DOC)
    workflow = await use(whole, engine_url, "summarize")
    run = await asked(whole, engine_url, "POST", f"workflows/{workflow['id']}/runs", {})
    before = await whole.get("/actions/summarize")
    refused = await whole.patch("/actions/summarize", {"input_schema": STRICT})

    assert (refused.status, refused.error["code"]) == (409, "breaking_change")
    details = refused.error["details"]
    assert details["field"].startswith("input_schema")
    assert [sorted(reason) for reason in details["reasons"]] == [["field", "message"]]
    assert [one["id"] for one in details["workflows"]] == [workflow["id"]]
    name = "using summarize"
    version = {"workflow_name": name, "definition_id": workflow["id"], "definition_version": 1, "runs": 1}
    assert (details["runs_in_flight"], details["versions_in_flight"]) == (1, [version])
    assert ([one["id"] for one in details["runs"]], details["complete"]) == ([run["id"]], True)
    assert await whole.get("/actions/summarize") == before


async def test_a_breaking_change_is_accepted_with_a_reason_that_stays(catalog: Catalog, database: Database) -> None:
    action = await catalog.create("summarize", input_schema=DOC)
    query = "accept_breaking=every%20caller%20sends%20it"
    accepted = await catalog.patch(f"/actions/summarize?{query}", {"input_schema": STRICT})
    safe = await catalog.patch("/actions/summarize?accept_breaking=never%20mind", {"title": "T"})

    assert (accepted.status, accepted.body["input_schema"], safe.status) == (200, STRICT, 200)
    _, broken, renamed = await history(database, action)
    assert isinstance(broken.data, ActionUpdated)
    assert isinstance(broken.data.accepted_breaking, AcceptedBreaking)
    assert broken.data.accepted_breaking.reason == "every caller sends it"
    assert [one.partition(":")[0][:12] for one in broken.data.accepted_breaking.findings] == ["input_schema"]
    assert isinstance(renamed.data, ActionUpdated)
    assert renamed.data.accepted_breaking is None


async def test_the_engine_goes_by_the_schema_that_was_answered(whole: Catalog, engine_url: str) -> None:
    await whole.create("summarize", input_schema=STRICT)
    for round_ in range(5):
        name = f"p{round_}"
        schema = {**DOC, "properties": {name: {"type": "string"}}, "required": [name]}
        changed = await whole.patch("/actions/summarize?accept_breaking=test", {"input_schema": schema})
        assert changed.status == 200
        spec = {"name": "u", "steps": [{"name": "only", "action": "summarize", "parameters": {name: "text"}}]}
        await asked(whole, engine_url, "POST", "workflows", {"name": f"u{round_}", "spec": spec})


async def test_without_the_engine_nothing_is_deleted_or_broken_unseen(catalog: Catalog) -> None:
    await catalog.create("summarize", input_schema=DOC)
    before = await catalog.get("/actions/summarize")
    gone = await catalog.delete("/actions/summarize")
    broken = await catalog.patch("/actions/summarize", {"input_schema": STRICT})

    assert [(one.status, one.error["code"]) for one in (gone, broken)] == [(503, "unavailable")] * 2
    assert await catalog.get("/actions/summarize") == before


async def test_an_engine_that_does_not_answer_is_the_same(catalog: Catalog, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with started(catalog.settings.model_copy(update={"engine_url": url})) as other:
        await other.create("summarize")
        assert (await other.delete("/actions/summarize")).status == 503
        assert (await other.get("/actions/summarize"))[0] == 200


async def test_without_a_key_nothing_is_deleted(whole: Catalog) -> None:
    await whole.create("summarize")
    async with aiohttp.ClientSession() as stranger:
        url = f"{whole.origin}/v1/projects/{whole.project}/actions/summarize"
        async with stranger.delete(url) as answer:
            assert answer.status == 401
