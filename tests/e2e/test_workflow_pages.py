"""Workflows on pages: saved, changed, shown by version, started with a form; everything wrong beside its field."""

from collections.abc import AsyncIterator

import pytest

from libs.contracts.codec import JsonObject, dump_json
from tests.e2e.installation import Installation
from tests.e2e.reading_pages import HOSTILE, ReadingPages, reading, until
from tests.e2e.tenants import moved_in
from tests.e2e.visitor import HOME, visiting

INPUTS: JsonObject = {
    "inputs": [
        {"name": "doc", "type": "string", "description": HOSTILE},
        {"name": "copies", "type": "integer", "default": 1},
        {"name": "urgent", "type": "boolean", "default": False},
        {"name": "options", "type": "object", "default": {"lang": "en"}},
    ]
}


@pytest.fixture(scope="module")
async def pages(installation: Installation) -> AsyncIterator[ReadingPages]:
    async with reading(installation) as pages:
        yield pages


async def test_a_project_without_workflows_says_how_to_make_the_first(installation: Installation) -> None:
    tenant = await moved_in(installation, "author")
    async with visiting(installation.stack.api_url) as visitor:
        await visitor.sign_in(tenant.token)
        empty = await visitor.get(f"{HOME}/projects/{tenant.project}/workflows")
        runs = await visitor.get(f"{HOME}/projects/{tenant.project}/runs")

    assert f'curl -X POST "{installation.stack.api_url}/v1/projects/{tenant.project}/workflows"' in empty.plain
    assert f'curl -X POST "{installation.stack.api_url}/v1/projects/{tenant.project}/runs"' in runs.plain


async def test_a_workflow_is_created_from_yaml_and_changed_and_both_versions_are_shown(pages: ReadingPages) -> None:
    new = f"{pages.path}/workflows/new"
    yaml = f"name: pages\nsteps:\n  - name: only\n    action: {pages.action('echo')}\n"
    made = await pages.author.send(
        new, new, {"name": "By hand", "handle": "", "description": HOSTILE, "tags": "team: docs", "spec": yaml}
    )
    assert (made.status, made.location) == (303, f"{pages.path}/workflows/by-hand?saved=1")
    shown = await pages.author.get(made.location)
    assert shown.status == 200
    assert HOSTILE not in shown.text
    assert HOSTILE in shown.plain
    assert "team: docs" in shown.text
    assert 'id="step-1"' in shown.text

    edit = f"{pages.path}/workflows/by-hand/edit"
    spec = dump_json(pages.spec("echo", "echo")).decode()
    form = {"name": "By hand", "description": "", "tags": "", "spec": spec, "version": "1"}
    assert (await pages.author.send(edit, edit, form)).location == f"{pages.path}/workflows/by-hand?saved=2"
    latest = await pages.author.get(f"{pages.path}/workflows/by-hand?saved=2")
    first = await pages.author.get(f"{pages.path}/workflows/by-hand?version=1")
    assert 'id="step-2"' in latest.text
    assert 'id="step-2"' not in first.text
    assert "This is version 1" in first.text

    stale = await pages.author.send(edit, edit, form)
    assert stale.status == 409
    assert "version 2 was saved meanwhile" in stale.plain


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("spec", "", "the field is empty"),
        ("spec", "{", "expected JSON or YAML, but"),
        ("spec", "a: &x 1\nb: *x", "aliases are not read (line 2)"),
        ("spec", "- a", "something else"),
        ("spec", "name: a\nsteps: []", "spec.steps"),
        ("spec", "name: a\nsteps:\n  - name: one\n    action: nothing-of-this-name", "nothing-of-this-name"),
        ("spec", f'name: a\nsteps:\n  - name: "{"x" * 200}"', "spec.steps[0]"),
        ("name", "", "printable characters"),
        ("name", "x" * 300, "printable characters"),
        ("handle", "Not A Handle", "lower-case letters"),
        ("description", "x" * 5_000, "at most 4096 characters"),
        ("tags", "no colon", "a line like team: billing"),
        ("tags", f"{'x' * 200}: y", "tags"),
    ],
)
async def test_a_workflow_that_is_refused_comes_back_with_the_reason_and_what_was_filled_in(
    pages: ReadingPages, field: str, value: str, sentence: str
) -> None:
    new = f"{pages.path}/workflows/new"
    right = {
        "name": "Refused",
        "handle": "",
        "description": HOSTILE,
        "tags": "",
        "spec": dump_json(pages.spec("echo")).decode(),
    }
    refused = await pages.author.send(new, new, {**right, field: value})

    assert refused.status == 400
    assert sentence in refused.plain
    assert HOSTILE in refused.plain or field == "description"
    assert HOSTILE not in refused.text
    assert (await pages.author.get(f"{pages.path}/workflows/refused")).status == 404


async def test_everything_that_is_wrong_with_a_definition_is_said_at_once(pages: ReadingPages) -> None:
    new = f"{pages.path}/workflows/new"
    spec = (
        "name: a\nsteps:\n  - name: one\n    action: no-such\n    next: [{step: nowhere}]\n  - name: one\n    action: x"
    )
    refused = await pages.author.send(new, new, {"name": "Wrong", "spec": spec})

    assert refused.status == 400
    assert "spec.steps[0].next[0].step" in refused.plain
    assert "(step one)" in refused.plain
    assert refused.text.count("<li><code>spec.") >= 2


async def test_a_run_is_started_with_a_form_of_the_declared_inputs(pages: ReadingPages) -> None:
    await pages.saved("With inputs", pages.spec("echo", **INPUTS), handle="with-inputs")
    start = f"{pages.path}/workflows/with-inputs/start"
    form = await pages.author.get(start)
    assert HOSTILE not in form.text
    assert HOSTILE in form.plain

    started = await pages.author.send(
        start,
        start,
        {"inputs.doc": "minutes", "inputs.copies": "2", "inputs.urgent": "", "external_id": "mine", "tags": "a: b"},
    )
    assert started.status == 303
    assert started.location.endswith("?started=1")
    shown = await pages.author.get(started.location)
    assert shown.status == 200
    assert '"copies": 2' in shown.plain
    assert '"urgent": false' in shown.plain
    assert "mine" in shown.text
    assert "a: b" in shown.text
    run = started.location.partition("?")[0].rpartition("/")[2]
    again = await pages.author.get(f"{start}?from={run}")
    assert "minutes</textarea>" in again.text
    assert 'value="2"' in again.text


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({}, "inputs.doc", "expected a value of type string, but it is missing"),
        ({"inputs.copies": "two"}, "inputs.copies", "expected an integer, but"),
        ({"inputs.copies": "1.5"}, "inputs.copies", "expected integer, but got number"),
        ({"inputs.urgent": "maybe"}, "inputs.urgent", "expected true or false, but"),
        ({"inputs.options": "{"}, "inputs.options", "expected JSON of type object, but"),
        ({"inputs.options": "[]"}, "inputs.options", "expected object, but got array"),
        ({"inputs.doc": "x", "external_id": "x" * 300}, "external_id", "the external_id has 300"),
        ({"inputs.doc": "x", "queue": "no queue"}, "queue", "the queue is"),
        ({"inputs.doc": "x", "tags": "no colon"}, "tags", "a line like team: billing"),
    ],
    ids=str,
)
async def test_inputs_that_are_refused_are_said_beside_their_field(
    pages: ReadingPages, given: dict[str, str], field: str, sentence: str
) -> None:
    if (await pages.author.get(f"{pages.path}/workflows/refusing")).status == 404:
        await pages.saved("Refusing", pages.spec("echo", **INPUTS), handle="refusing")
    start = f"{pages.path}/workflows/refusing/start"
    refused = await pages.author.send(start, start, given)

    assert refused.status == 400
    beside = refused.plain.partition(f'name="{field}"')[2].partition('name="')[0]
    assert sentence in beside
    for name, value in given.items():
        assert value in refused.plain or name == "inputs.urgent"  # a choice cannot show what is none


async def test_two_wrong_fields_are_both_said(pages: ReadingPages) -> None:
    await pages.saved("Two wrong", pages.spec("echo", **INPUTS), handle="two-wrong")
    start = f"{pages.path}/workflows/two-wrong/start"
    refused = await pages.author.send(start, start, {"inputs.copies": "x", "inputs.options": "x"})

    assert "Not started: look at the fields that are marked." in refused.text
    assert refused.text.count('class="wrong"') == 2


async def test_a_workflow_that_declares_nothing_takes_an_object(pages: ReadingPages) -> None:
    await pages.saved("Any", pages.spec("echo"), handle="any")
    start = f"{pages.path}/workflows/any/start"
    assert (await pages.author.send(start, start, {"inputs": "[]"})).status == 400
    started = await pages.author.send(start, start, {"inputs": '{"anything": 1}'})
    assert '"anything": 1' in (await pages.author.get(started.location)).plain


async def test_a_workflow_called_new_is_reached_by_its_id(pages: ReadingPages) -> None:
    workflow = await pages.saved("new", pages.spec("echo"))

    listed = await pages.author.get(f"{pages.path}/workflows")
    assert f'href="{pages.path}/workflows/{workflow}"' in listed.text
    assert "New workflow</h1>" in (await pages.author.get(f"{pages.path}/workflows/new")).text


async def test_a_viewer_is_offered_no_change_and_can_make_none(pages: ReadingPages) -> None:
    await pages.saved("Watched", pages.spec("echo"), handle="watched")
    page = f"{pages.path}/workflows/watched"
    shown = await pages.viewer.get(page)
    assert shown.status == 200
    assert f"{page}/edit" not in shown.text
    assert f"{page}/start" not in shown.text
    assert f"{pages.path}/workflows/new" not in (await pages.viewer.get(f"{pages.path}/workflows")).text
    for path in (f"{page}/edit", f"{page}/start", f"{pages.path}/workflows/new"):
        assert (await pages.viewer.get(path)).status == 403
        refused = await pages.viewer.post(path, {"csrf": shown.csrf, "name": "x", "spec": "{}"})
        assert refused.status == 403
    assert not (await pages.caller.get("workflows?limit=100")).raw.count(b'"name":"x"')


@pytest.mark.parametrize("path", ["nothing", "{workflow}?version=9", "nothing/start", "nothing/edit", "{foreign}"])
async def test_what_is_not_there_or_anothers_is_the_same_page(
    installation: Installation, pages: ReadingPages, path: str
) -> None:
    if (await pages.author.get(f"{pages.path}/workflows/there")).status == 404:
        await pages.saved("There", pages.spec("echo"), handle="there")
    async with reading(installation) as others:
        foreign = await others.saved("Foreign", others.spec("echo"))
        asked = path.format(workflow="there", foreign=foreign)
        seen = await pages.author.get(f"{pages.path}/workflows/{asked}")

    unknown = await pages.author.get(f"{pages.path}/workflows/nowhere-at-all")
    assert seen.status == unknown.status == 404
    assert seen.text == unknown.text


@pytest.mark.parametrize("query", ["version=x", "version=0", "version=99999999999", "steps=-1"])
async def test_an_address_that_makes_no_sense_is_refused(pages: ReadingPages, query: str) -> None:
    await until(pages.author, f"{pages.path}/workflows", "workflow")
    if (await pages.author.get(f"{pages.path}/workflows/odd")).status == 404:
        await pages.saved("Odd", pages.spec("echo"), handle="odd")
    assert (await pages.author.get(f"{pages.path}/workflows/odd?{query}")).status == 400
