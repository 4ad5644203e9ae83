"""Whatever is secret stands nowhere: not in what is kept, said, logged, counted, traced or answered to a bad request.

The same search has to find what was planted, in each of the places; otherwise its silence would mean nothing.
"""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex, token_urlsafe
from urllib.parse import quote

import pytest

from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json, JsonObject, dump_json
from libs.contracts.topics import SERVICES
from tests.doubles.github import THE_APP, app_key
from tests.doubles.slack import DEMO_TOKEN
from tests.e2e.bad_input.case import Case
from tests.e2e.bad_input.ground import Ground
from tests.e2e.calls import Caller
from tests.e2e.canaries import commands, connections, pages, places
from tests.e2e.canaries.forms import forms_of, found_in
from tests.e2e.canaries.runs import run_to_its_end
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation
from tests.e2e.reading_pages import until
from tests.e2e.visitor import HOME, Seen, visiting

pytestmark = pytest.mark.timeout(300)  # the first of them waits until everything was done and searched

PATIENCE_SECONDS = 30
COMMANDS = "what commands say"
SIGNED, HELD = "canary-signed", "canary-held"
PLANTED = f"canary-{token_hex(12)}"
"""Something that is no secret and may be anywhere: the name of an action, the path of a bad request."""


@dataclass(frozen=True)
class Searched:
    """A full run, all that was secret in it by name, and all that is there to be searched. `showing` is the page that a
    secret was shown on, this once."""

    secrets: Mapping[str, str]
    places: Mapping[str, bytes]
    showing: Seen


@pytest.fixture(scope="module")
async def searched(installation: Installation, ground: Ground, endpoints: Endpoints, api: MobiusApi) -> Searched:
    caller = installation.caller
    secrets = _of_the_installation(installation)
    secrets |= await _issued_keys(installation)
    secrets |= await connections.connect_everywhere(installation, api) | connections.misspelt()
    secrets |= await _signed_work(caller, endpoints, api)
    worker, job = await _held_work(caller, endpoints)
    secrets["the session token of a worker"] = worker
    await _planted_work(caller, endpoints, api)
    of_pages, showing, on_pages = await _seen_on_pages(installation, caller)
    secrets |= of_pages
    await _until_traced(installation)
    ends, said = await commands.rotate_there_and_back(installation)
    secrets |= ends
    bad = [*_bad_requests(secrets, job), *connections.refused_connects(secrets)]
    found = await places.everything(installation, bad, ground.places)
    await caller.call("DELETE", "integrations/github")
    return Searched(secrets, {**found, COMMANDS: said, pages.PAGES_PLACE: on_pages}, showing)


def _of_the_installation(installation: Installation) -> dict[str, str]:
    credentials = installation.stack.servers.credentials
    passwords = {f"the password of {name}": credentials.password(f"mobius_{name}") for name in SERVICES}
    return {
        "the API key": installation.stack.api_key,
        "the master key": credentials.master_key(),
        "the Slack token": DEMO_TOKEN,
        **passwords,
    }


async def _issued_keys(installation: Installation) -> dict[str, str]:
    """A key that is used, with an answer that is kept for whoever asks twice, and one that is revoked."""
    caller, project = installation.caller, installation.stack.project
    found: dict[str, str] = {}
    for what, role in (("a key in use", "author"), ("a revoked key", "viewer")):
        body = dump_json({"name": what, "role": role, "project": project})
        made = await caller.call("POST", "/v1/api-keys", body, {"Idempotency-Key": token_hex(8)})
        assert made.status == 201, made.raw
        found[what] = made.text("key")
        assert (await installation.caller_of(project, found[what]).get("actions")).status == 200
        if "revoked" in what:
            assert (await caller.call("DELETE", f"/v1/api-keys/{made.text('id')}")).status == 204
    return found


async def _signed_work(caller: Caller, endpoints: Endpoints, api: MobiusApi) -> dict[str, str]:
    """An action whose secret is rotated in every way, with work done by each of them."""
    await endpoints.register(caller, SIGNED)
    found = {"the first signing secret": endpoints.secrets[SIGNED]}
    await run_to_its_end(api, SIGNED)
    bodies: Mapping[str, JsonObject] = {
        "with a grace period": {"grace_seconds": 600},
        "at once": {"grace_seconds": 0},
        "with a proof": {"probe": True},
    }
    for how, body in bodies.items():
        once = {"Idempotency-Key": token_hex(8)}
        reply = await caller.call("POST", f"actions/{SIGNED}/secret/rotate", dump_json(body), once)
        assert reply.status == 200, reply.raw
        found[f"the secret rotated {how}"] = endpoints.secrets[SIGNED] = reply.text("signing_secret")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await caller.get(f"actions/{SIGNED}/secret")).json["secret_version"] != len(found):
            await asyncio.sleep(0.05)
    await run_to_its_end(api, SIGNED)
    waiting = await caller.post(f"actions/{SIGNED}/secret/rotate", {"probe": True})
    return found | {"the signing secret that waits": waiting.text("signing_secret")}


async def _held_work(caller: Caller, endpoints: Endpoints) -> tuple[str, str]:
    """A worker's token and a job that he holds while everything is searched."""
    await endpoints.register(caller, HELD)
    token = token_urlsafe(32)
    claim: JsonObject = {
        "worker_instance_id": HELD,
        "worker_session_token": token,
        "concurrency_limit": 2,
        "actions": [HELD],
        "wait_seconds": 0,
    }
    assert (await caller.post("jobs/claim", claim)).status == 204
    spec: Json = {"name": HELD, "steps": [{"name": name, "action": HELD} for name in ("first", "second")]}
    await caller.create("runs", {"mode": "inline", "spec": spec})
    jobs = [(await caller.post("jobs/claim", claim | {"wait_seconds": 10})).json]
    ending: JsonObject = {"worker_session_token": token, "attempt": jobs[0]["attempt"], "status": "completed"}
    assert (await caller.post(f"jobs/{jobs[0]['job_id']}/complete", ending)).status == 204
    jobs.append((await caller.post("jobs/claim", claim | {"wait_seconds": 10})).json)
    beat: JsonObject = {"worker_session_token": token, "attempt": jobs[1]["attempt"]}
    assert (await caller.post(f"jobs/{jobs[1]['job_id']}/heartbeat", beat)).status == 200
    return token, str(jobs[1]["job_id"])


async def _planted_work(caller: Caller, endpoints: Endpoints, api: MobiusApi) -> None:
    """The canary in clear and in disguise, in everything that is kept and said."""
    await endpoints.register(caller, PLANTED)
    disguises: JsonObject = {how: form.decode("ascii") for form, how in forms_of(PLANTED).items()}
    await run_to_its_end(api, PLANTED, disguises)
    assert (await caller.get(f"actions/{PLANTED}-that-is-not-there")).status == 404


async def _seen_on_pages(installation: Installation, caller: Caller) -> tuple[dict[str, str], Seen, bytes]:
    """The pages of an action, a workflow and a run of canaries, by a key that is one itself."""
    spec: Json = {"name": PLANTED, "steps": [{"name": "a", "action": PLANTED, "action_kind": "server"}]}
    workflow = await caller.create("workflows", {"name": PLANTED, "handle": PLANTED, "spec": spec})
    started = await caller.create(f"workflows/{workflow.text('id')}/runs?wait_seconds=20", {})
    page = f"{HOME}/projects/{installation.stack.project}/runs/{started.text('id')}"
    async with visiting(installation.stack.api_url) as visitor:
        await visitor.sign_in(installation.stack.api_key)
        await until(visitor, page, "run.completed")
    return await pages.walked(installation, installation.stack.api_key, HELD, PLANTED, started.text("id"))


async def _until_traced(installation: Installation) -> None:
    """Spans are sent in batches, every few seconds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not any(PLANTED.encode() in raw for raw in installation.collector.raw):
            await asyncio.sleep(0.05)


def _bad_requests(secrets: Mapping[str, str], job: str) -> list[Case]:
    """Where secrets belong, but something else is wrong; and where they do not belong."""
    token, rotate = secrets["the session token of a worker"], f"actions/{SIGNED}/secret/rotate"
    fence: JsonObject = {"worker_session_token": token, "attempt": 7}
    signing = secrets["the first signing secret"]
    return [
        Case("stale fence", "POST", f"jobs/{job}/heartbeat", fence),
        Case("stale report", "POST", f"jobs/{job}/complete", fence | {"status": "completed"}),
        Case("stale progress", "POST", f"jobs/{job}/events", fence | {"events": [{"type": "x", "payload": {}}]}),
        Case("bad attempt", "POST", f"jobs/{job}/heartbeat", fence | {"attempt": "x"}),
        Case("bad instance", "POST", "jobs/claim", {"worker_session_token": token, "concurrency_limit": 1}),
        Case("cut off", "POST", f"jobs/{job}/heartbeat", dump_json(fence)[:-1]),
        Case("secret as key", "GET", "actions", authorization=f"Bearer {signing}"),
        Case("key with more", "GET", "actions", authorization=f"Bearer {secrets['the API key']}x"),
        Case("revoked key", "GET", "actions", authorization=f"Bearer {secrets['a revoked key']}"),
        Case("key of too little", "GET", "/v1/api-keys", authorization=f"Bearer {secrets['a key in use']}"),
        Case("key as another scheme", "GET", "actions", authorization=f"Basic {secrets['the API key']}"),
        Case("foreign project", "GET", "/v1/projects/nobodys/actions"),
        Case("bad grace", "POST", rotate, {"grace_seconds": -1}),
        Case("unknown field", "POST", rotate, {"signing_secret": signing}),
        Case("planted", "GET", f"actions?{PLANTED}=1"),
    ]


def test_nothing_secret_is_found_anywhere(searched: Searched) -> None:
    assert len(searched.secrets) >= 75
    assert found_in(searched.places, searched.secrets) == []


@pytest.mark.parametrize(
    "place",
    [places.POSTGRES, places.SEGMENTS, places.RECORDS, places.LOGS, places.ERRORS, places.TRACES, pages.PAGES_PLACE],
)
def test_what_was_planted_is_found_in(searched: Searched, place: str) -> None:
    here = {place: searched.places[place]}

    assert (place, "canary", "text") in found_in(here, {"canary": PLANTED})


@pytest.mark.parametrize("place", [places.POSTGRES, places.SEGMENTS, places.RECORDS])
def test_what_was_planted_is_found_in_every_disguise_in(searched: Searched, place: str) -> None:
    found = {how for _, _, how in found_in({place: searched.places[place]}, {"canary": PLANTED})}

    assert found == set(forms_of(PLANTED).values())


def test_a_secret_is_shown_where_it_is_made_and_nowhere_else(searched: Searched) -> None:
    secret = {"shown": searched.secrets["the secret that a page has shown"]}

    assert searched.showing.plain.count(secret["shown"]) == 1
    assert searched.showing.headers["Cache-Control"] == "no-store"
    assert found_in(searched.places, secret) == []


def test_the_rows_of_sessions_were_searched_and_hold_no_key(searched: Searched) -> None:
    rows = searched.places[places.POSTGRES].partition(b"COPY audit.sessions ")[2].partition(b"\n\\.\n")[0]
    keys = {name: secret for name, secret in searched.secrets.items() if "key" in name or "session" in name}

    assert rows.count(b"\n") >= 1
    assert found_in({"sessions": rows}, keys) == []


def test_metrics_are_those_of_every_service_and_would_show_what_stands_in_a_label(searched: Searched) -> None:
    counted = {places.METRICS: searched.places[places.METRICS]}

    assert found_in(counted, {"canary": 'operation="rotateActionSecret"'}) != []
    for name in SERVICES:
        assert f'service="{name}"'.encode() in counted[places.METRICS]


def test_what_commands_say_is_how_they_ended(searched: Searched) -> None:
    said = searched.places[COMMANDS]

    for told in (
        b"sealing everything again",
        b"; the old key can be taken out",
        b"does not open",
        b"stopped:",
        b"not usable",
    ):
        assert told in said, said.decode()


def test_every_secret_would_be_found_in_what_carries_it(searched: Searched) -> None:
    carriers: Mapping[str, Callable[[str], bytes]] = {
        "JSON": lambda text: dump_json({"told": f"a{text}b"}),
        "a header": lambda text: b"Basic " + b64encode(f"ada:{text}".encode()),
        "a path": lambda text: f"/x?told={quote(text, safe='')}".encode(),
    }
    missed = [
        (name, how)
        for name, secret in searched.secrets.items()
        for how, carried in carriers.items()
        if not found_in({how: carried(secret)}, {name: secret})
    ]

    assert missed == []


@pytest.mark.parametrize("escaped", [True, False])
def test_a_private_key_is_told_by_its_lines_however_they_are_broken(escaped: bool) -> None:
    pem = app_key(THE_APP)[0]
    lines = {str(number): text for number, text in connections.lines_of(pem).items()}

    found = {name for _, name, _ in found_in({"x": dump_json(pem) if escaped else b64encode(pem.encode())}, lines)}

    assert len(lines) > 20
    assert found == set(lines)


@pytest.mark.parametrize("before", range(3))
def test_a_signing_secret_is_told_in_every_form_wherever_it_begins(before: int) -> None:
    key = bytes(range(7, 39))
    secret = "whsec_" + b64encode(key).decode()
    around = bytes(before) + secret.encode() + b"behind"
    hidden = {"base64": b64encode(around), "hex": around.hex().encode(), "key in hex": key.hex().encode()}

    assert {place for place, _, _ in found_in(hidden, {"secret": secret})} == set(hidden)
    assert found_in({"elsewhere": b64encode(bytes(range(100, 180)))}, {"secret": secret}) == []
