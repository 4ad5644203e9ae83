"""The pages of actions and invocations: what they show, what their forms do, and what becomes of bad input."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Mapping

import pytest

from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation
from tests.e2e.tenants import Tenant, key_of, moved_in
from tests.e2e.visitor import HOME, Seen, Visitor, visiting

WITHIN_SECONDS = 20
SCHEMA: JsonObject = {
    "type": "object",
    "required": ["doc_id"],
    "properties": {
        "doc_id": {"type": "string", "maxLength": 64},
        "sentences": {"type": "integer", "minimum": 1, "default": 3},
        "style": {"enum": ["plain", "formal"]},
        "options": {"type": "object", "properties": {"lang": {"type": "string"}}},
    },
    "additionalProperties": False,
}


class Author:
    """Somebody with the role author on the pages of a project of his own."""

    def __init__(self, tenant: Tenant, visitor: Visitor, endpoints: Endpoints) -> None:
        self.tenant = tenant
        self.visitor = visitor
        self.endpoints = endpoints
        self.home = f"{HOME}/projects/{tenant.project}"
        self.actions = f"{self.home}/actions"

    async def get(self, path: str) -> Seen:
        return await self.visitor.get(f"{self.home}/{path}")

    async def send(self, path: str, form: Mapping[str, str], **hidden: str) -> Seen:
        """Opens the page of the form and sends it, with the fields that nobody sees."""
        page = await self.get(path)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return await self.visitor.post(
            f"{self.home}/{path}", {**{k: html.unescape(v) for k, v in fields.items()}, **hidden, **form}
        )

    async def register(self, name: str, **more: Json) -> JsonObject:
        made: JsonObject = await self.endpoints.register(
            self.tenant.caller, name, lambda parameters: {"seen": parameters}, **more
        )
        return made

    async def until(self, path: str, text: str) -> Seen:
        """The page as soon as the text is on it."""
        async with asyncio.timeout(WITHIN_SECONDS):
            while text not in (page := await self.get(path)).plain:
                await asyncio.sleep(0.05)
        return page


@pytest.fixture
async def author(installation: Installation, endpoints: Endpoints) -> AsyncIterator[Author]:
    tenant = await moved_in(installation, "author")
    async with visiting(installation.stack.api_url) as visitor:
        await visitor.sign_in(tenant.token)
        yield Author(tenant, visitor, endpoints)


async def test_an_action_from_its_form_to_its_end(author: Author) -> None:
    empty = await author.get("actions")
    assert "This project has no action of its own yet" in empty.plain
    made = await author.send(
        "actions/new",
        {
            "name": "summarize",
            "endpoint_url": f"{author.endpoints.url}/summarize",
            "title": "Summarise",
            "read_only": "true",
            "input_schema": '{"type": "object"}',
        },
    )
    assert made.status == 200
    assert "Copy the signing secret now" in made.plain
    assert re.search(r"whsec_[\w+/=]{40,}", made.plain)
    assert all(language in made.text for language in ("Python", "Node", "Go", "Shell"))

    listed = await author.get("actions")
    assert "summarize" in listed.plain
    assert "read_only" in listed.plain
    assert "whsec_" not in listed.plain
    page = await author.get("actions/summarize")
    assert "Summarise" in page.plain
    assert "Last accepted by the endpoint" in page.plain

    changed = await author.send(
        "actions/summarize/edit",
        {"title": "Renamed", "endpoint_url": f"{author.endpoints.url}/s", "input_schema": '{"type": "object"}'},
    )
    assert (changed.status, changed.location) == (303, f"{author.actions}/summarize")
    after = (await author.tenant.caller.get("actions/summarize")).json
    assert after["title"] == "Renamed"
    assert "annotations" not in after or after["annotations"] == {
        "idempotent": False,
        "destructive": False,
        "read_only": False,
    }
    assert "Renamed" in (await author.get("actions/summarize")).plain

    rotated = await author.send("actions/summarize/rotate", {"grace_seconds": "60"})
    assert rotated.status == 200
    assert "Version 2 signs from now on" in rotated.plain
    again = await author.get("actions/summarize")
    assert "v2" in again.plain
    assert "grace" in again.plain

    gone = await author.send("actions/summarize/delete", {"confirm": "summarize"})
    assert (gone.status, gone.location) == (303, author.actions)
    assert (await author.get("actions/summarize")).status == 404
    assert (await author.tenant.caller.get("actions/summarize")).status == 404


async def test_a_form_that_is_sent_twice_is_carried_out_once(author: Author) -> None:
    page = await author.get("actions/new")
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    assert once is not None
    form = {"csrf": page.csrf, "once": once[1], "name": "twice", "endpoint_url": f"{author.endpoints.url}/twice"}
    first, second = [await author.visitor.post(f"{author.actions}/new", form) for _ in range(2)]

    secret = re.compile(r"whsec_[\w+/=]+")
    assert (first.status, second.status) == (200, 200)
    assert secret.findall(first.plain)[0] == secret.findall(second.plain)[0]


BAD_FORMS: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "no name": ("actions/new", {"name": "", "endpoint_url": "https://example.com"}, "name"),
    "a bad name": ("actions/new", {"name": "No Name", "endpoint_url": "https://example.com"}, "lower-case"),
    "a taken name": ("actions/new", {"name": "known", "endpoint_url": "https://example.com"}, "known is taken"),
    "no URL": ("actions/new", {"name": "fine", "endpoint_url": "typed"}, "expected the scheme http"),
    "an inner target": ("actions/new", {"name": "fine", "endpoint_url": "http://169.254.169.254/x"}, "is link-local"),
    "half a schema": (
        "actions/new",
        {"name": "fine", "endpoint_url": "https://example.com", "input_schema": '{\n"type": obj}'},
        "at line 2",
    ),
    "a schema that is a list": (
        "actions/new",
        {"name": "fine", "endpoint_url": "https://example.com", "output_schema": "[1]"},
        "expected a JSON Schema as a JSON object",
    ),
    "a hostile schema": (
        "actions/new",
        {"name": "fine", "endpoint_url": "https://example.com", "input_schema": '{"$ref": "http://example.com/s"}'},
        "input_schema",
    ),
    "promises that contradict": (
        "actions/new",
        {"name": "fine", "endpoint_url": "https://example.com", "read_only": "true", "destructive": "true"},
        "expected",
    ),
    "a URL that is none": (
        "actions/known/edit",
        {"title": "typed", "endpoint_url": "nowhere"},
        "expected the scheme http",
    ),
    "a schema taken away": ("actions/known/edit", {"title": "typed", "input_schema": ""}, "takes any value"),
    "a title of a book's length": ("actions/known/edit", {"title": "x" * 300}, "at most 200 characters"),
    "another state's tag": ("actions/known/edit", {"title": "typed", "tag": '"act_x.1"'}, "has changed it since"),
    "a grace that is none": ("actions/known/rotate", {"grace_seconds": "soon"}, "expected a whole number of seconds"),
    "a grace of years": ("actions/known/rotate", {"grace_seconds": "99999999"}, "2592000"),
    "another name to confirm": ("actions/known/delete", {"confirm": "knowm"}, "to be sure that this is meant"),
    "no document": ("actions/known/try", {"how": "real", "sure": "true"}, "doc_id"),
    "a number that is none": (
        "actions/known/try",
        {"parameters.doc_id": "typed", "parameters.sentences": "many", "how": "dry"},
        "expected an integer, but",
    ),
    "a number that is too small": (
        "actions/known/try",
        {"parameters.doc_id": "typed", "parameters.sentences": "0", "how": "dry"},
        "at least 1",
    ),
    "half an object": (
        "actions/known/try",
        {"parameters.doc_id": "typed", "parameters.options": '{"lang": ', "how": "dry"},
        "expected JSON of type object, but",
    ),
    "a choice that was not offered": (
        "actions/known/try",
        {"parameters.doc_id": "typed", "parameters.style": '"odd"', "how": "dry"},
        "formal",
    ),
    "for real without being sure": (
        "actions/known/try",
        {"parameters.doc_id": "typed", "how": "real"},
        "expected this box to be checked",
    ),
    "no JSON at all": ("actions/loose/try", {"parameters": "typed", "how": "dry"}, "expected a JSON object, but"),
    "a list for parameters": (
        "actions/loose/try",
        {"parameters": "[]", "how": "dry"},
        "but it is another value",
    ),
}


@pytest.fixture(scope="module")
async def forms(installation: Installation, endpoints: Endpoints) -> AsyncIterator[Author]:
    """One project for all bad forms: none of them changes anything."""
    tenant = await moved_in(installation, "author")
    async with visiting(installation.stack.api_url) as visitor:
        await visitor.sign_in(tenant.token)
        author = Author(tenant, visitor, endpoints)
        await author.register("known", input_schema=SCHEMA, title="Known")
        await author.register("loose")
        yield author


@pytest.mark.parametrize("case", BAD_FORMS)
async def test_bad_input_is_refused_beside_what_was_typed_and_nothing_changes(forms: Author, case: str) -> None:
    path, form, told = BAD_FORMS[case]
    before = [(await forms.tenant.caller.get(f"actions/{name}")).json for name in ("known", "loose")]
    known = {"endpoint_url": str(before[0]["endpoint_url"]), "input_schema": dump_json(SCHEMA).decode()}
    seen = await forms.send(path, {**(known if path.endswith("edit") else {}), **form})

    assert 400 <= seen.status < 500
    assert told in seen.plain
    assert 'role="alert"' in seen.text
    for name, value in form.items():
        if name not in ("how", "sure", "tag") and value not in ("", "true"):
            assert value in seen.plain, f"expected {name} to be kept, but it is gone"
    assert [(await forms.tenant.caller.get(f"actions/{name}")).json for name in ("known", "loose")] == before
    assert (await forms.tenant.caller.get("actions/fine")).status == 404
    assert (await forms.tenant.caller.get("runs")).items == []


async def test_a_change_that_was_made_in_between_is_not_overwritten(author: Author) -> None:
    await author.register("shared")
    page = await author.get("actions/shared/edit")
    tag = re.search(r'name="tag" value="([^"]+)"', page.text)
    assert tag is not None
    await author.tenant.caller.call("PATCH", "actions/shared", b'{"title": "theirs"}')
    form = {"csrf": page.csrf, "tag": html.unescape(tag[1]), "title": "mine"}
    seen = await author.visitor.post(
        f"{author.actions}/shared/edit", {**form, "endpoint_url": f"{author.endpoints.url}/shared"}
    )

    assert seen.status == 412
    assert "somebody has changed it since" in seen.plain
    assert 'value="mine"' in seen.text
    assert (await author.tenant.caller.get("actions/shared")).json["title"] == "theirs"


async def test_a_breaking_change_shows_whom_it_breaks_and_takes_a_reason(author: Author) -> None:
    await author.register("used", input_schema=SCHEMA)
    spec: JsonObject = {"name": "users", "steps": [{"name": "s", "action": "used", "parameters": {"doc_id": "a"}}]}
    await author.tenant.caller.create("workflows", {"name": "Users of it", "handle": "users", "spec": spec})
    narrower = '{"type": "object", "required": ["doc_id", "more"], "properties": {"doc_id": {"type": "string"}}}'
    form = {"endpoint_url": f"{author.endpoints.url}/used", "input_schema": narrower}
    refused = await author.send("actions/used/edit", form)

    assert refused.status == 409
    assert "this may break somebody who uses used" in refused.plain
    assert "Users of it" in refused.plain
    assert f'href="{author.home}/workflows/' in refused.text
    assert narrower in refused.plain

    done = await author.send("actions/used/edit", {**form, "accept_breaking": "everybody knows & agrees"})
    assert done.status == 303
    schema = (await author.tenant.caller.get("actions/used")).json["input_schema"]
    assert isinstance(schema, dict)
    assert schema["required"] == ["doc_id", "more"]

    page = await author.until("actions/used", "users")
    assert f'href="{author.home}/workflows/users"' in page.text
    kept = await author.send("actions/used/delete", {"confirm": "used"})
    assert kept.status == 409
    assert "used by Users of it" in kept.plain
    assert (await author.tenant.caller.get("actions/used")).status == 200


async def test_trying_an_action_for_real_leads_to_its_run_and_into_the_log(author: Author) -> None:
    await author.register("known", input_schema=SCHEMA)
    form = {"parameters.doc_id": "${inputs.a} & <b>", "parameters.sentences": "2", "how": "real", "sure": "true"}
    started = await author.send("actions/known/try", {**form, "parameters.options": '{"lang": "de"}'})

    assert started.status == 303
    found = re.fullmatch(rf"{author.home}/runs/(run_\w+)\?started=1", started.location)
    assert found is not None
    post = await author.endpoints.until_posted(found[1])
    assert post.body["parameters"] == {"doc_id": "${inputs.a} & <b>", "sentences": 2, "options": {"lang": "de"}}
    assert post.body["dry_run"] is False

    log = await author.until(f"invocations?run={found[1]}", 'class="status success"')
    assert "<b>" not in log.text
    assert "& <b>" in log.plain
    assert found[1] in (await author.until("actions", found[1])).plain
    assert found[1] in (await author.get("actions/known")).plain
    assert "No invocation fits this filter" in (await author.get(f"invocations?run={found[1]}&status=failed")).plain


async def test_a_dry_run_is_decided_and_carried_out_by_nobody(author: Author) -> None:
    await author.register("known", input_schema=SCHEMA, annotations={"destructive": True})
    started = await author.send("actions/known/try", {"parameters.doc_id": "a", "how": "dry"})

    assert started.status == 303
    run_id = started.location.rpartition("/")[2].partition("?")[0]
    run = (await author.tenant.caller.get(f"runs/{run_id}")).json
    assert (run["status"], run["dry_run"]) == ("completed", True)
    await author.send("actions/known/try", {"parameters.doc_id": "b", "how": "real", "sure": "true"})
    await author.until("invocations", '"b"')
    assert author.endpoints.of_run(run_id) == []
    assert run_id not in (await author.get("invocations")).plain


async def test_an_action_that_only_reads_is_tried_without_asking_how(author: Author) -> None:
    await author.register("reads", annotations={"read_only": True})
    page = await author.get("actions/reads/try")
    assert "For real" not in page.plain
    started = await author.send("actions/reads/try", {"parameters": '{"a": 1}'})

    run_id = started.location.rpartition("/")[2].partition("?")[0]
    assert (await author.endpoints.until_posted(run_id)).body["parameters"] == {"a": 1}


BAD_ADDRESSES = {
    "since=yesterday": "expected a time like",
    "until=2030-13-01": "expected a time like",
    "since=2030-01-02&until=2030-01-01": "expected until to be after since",
    "status=odd": "expected one of success, failed",
    "before=xyz": "cursor",
}


@pytest.mark.parametrize("query", BAD_ADDRESSES)
@pytest.mark.parametrize("page", ["actions", "invocations", "actions/known"])
async def test_an_address_that_asks_for_nothing_says_why(forms: Author, page: str, query: str) -> None:
    seen = await forms.get(f"{page}?{query}")

    assert seen.status == 400
    assert BAD_ADDRESSES[query] in seen.plain
    assert "Filter" in seen.plain


@pytest.mark.parametrize("query", ["since=2026-11-29+20:00", "since=2026-11-29T20:00:00Z", "until=2126-01-01"])
async def test_moments_are_read_as_people_write_them(forms: Author, query: str) -> None:
    assert (await forms.get(f"invocations?{query}")).status == 200


async def test_the_log_is_paged_by_position(author: Author) -> None:
    await author.register("often")
    steps: list[Json] = [{"name": "s0", "action": "often", "next": [{"step": f"s{n}"} for n in range(1, 52)]}]
    steps += [{"name": f"s{n}", "action": "often"} for n in range(1, 52)]
    await author.tenant.caller.create("runs", {"mode": "inline", "spec": {"name": "many", "steps": steps}})
    async with asyncio.timeout(WITHIN_SECONDS):
        while (first := (await author.get("invocations")).text).count('class="entry"') < 50 or "Older" not in first:
            await asyncio.sleep(0.1)
        while "52" not in (await author.get("actions/often")).plain.partition("Last 24 h")[2][:2_000]:
            await asyncio.sleep(0.1)
    first = (await author.get("invocations?action=often")).text
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older is not None
    second = await author.visitor.get(html.unescape(older[1]))

    entries = re.compile(r'class="entry" id="i-([^"]+)"')
    shown = [*entries.findall(first), *entries.findall(second.text)]
    assert len(shown) == len(set(shown)) == 52
    assert "action=often" in older[1]
    assert "Newest" in second.plain


async def test_a_platform_action_shows_how_it_is_connected_and_offers_no_change(author: Author) -> None:
    page = await author.get("actions/github.create-issue")

    assert "is not connected" in page.plain
    assert f"/v1/projects/{author.tenant.project}/integrations/github" in page.plain
    assert "/edit" not in page.text
    for what in ("edit", "rotate", "delete"):
        assert (await author.get(f"actions/github.create-issue/{what}")).status == 404


async def test_a_platform_action_is_tried_as_one(author: Author) -> None:
    form = {"parameters.channel": "#ops", "parameters.text": "tried", "how": "dry"}
    started = await author.send("actions/slack.post-message/try", form)

    run_id = started.location.rpartition("/")[2].partition("?")[0]
    run = (await author.tenant.caller.get(f"runs/{run_id}")).json
    assert (run["status"], run["dry_run"]) == ("completed", True)


async def test_an_action_of_the_name_of_a_page_has_a_page_of_its_own(author: Author) -> None:
    await author.register("new")
    listed = await author.get("actions")
    assert f'href="{author.actions}/new?show=action"' in listed.text

    assert f"{author.endpoints.url}/new" in (await author.get("actions/new?show=action")).plain
    assert "Register an action" in (await author.get("actions/new")).plain


async def test_a_viewer_is_offered_nothing_and_changes_nothing(
    installation: Installation, author: Author, endpoints: Endpoints
) -> None:
    await author.register("kept")
    key = str((await key_of(installation.caller, "viewer", author.tenant.project))["key"])
    before = (await author.tenant.caller.get("actions/kept")).json
    async with visiting(installation.stack.api_url) as visitor:
        await visitor.sign_in(key)
        viewer = Author(author.tenant, visitor, endpoints)
        page = await viewer.get("actions/kept")
        assert page.status == 200
        assert not re.search(
            r'href="[^"]*/(edit|rotate|delete|try|new)"', page.text + (await viewer.get("actions")).text
        )
        for path in ("new", "kept/edit", "kept/rotate", "kept/delete", "kept/try"):
            assert (await viewer.get(f"actions/{path}")).status == 403
            form = {"csrf": page.csrf, "name": "mine", "endpoint_url": "https://example.com", "confirm": "kept"}
            assert (await visitor.post(f"{viewer.actions}/{path}", form)).status == 403

    assert (await author.tenant.caller.get("actions/kept")).json == before
    assert (await author.tenant.caller.get("actions/mine")).status == 404
    assert (await author.tenant.caller.get("runs")).items == []


async def test_an_archived_project_offers_and_takes_no_change(installation: Installation, author: Author) -> None:
    await author.register("kept")
    page = await author.get("actions/kept/edit")
    await installation.caller.call("POST", f"/v1/projects/{author.tenant.project}/archive")

    async with asyncio.timeout(WITHIN_SECONDS):
        while "Edit" in (await author.get("actions/kept")).plain:
            await asyncio.sleep(0.05)
    sent = await author.visitor.post(
        f"{author.actions}/kept/edit", {"csrf": page.csrf, "title": "x", "endpoint_url": "https://example.com"}
    )
    assert sent.status == 409
    assert "archived" in sent.plain
