"""Credentials of connections: used, refused by the other side, and refused by us before they were any."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from secrets import token_hex, token_urlsafe

from demo.mobius_api import MobiusApi
from libs.contracts.codec import JsonObject, dump_json
from tests.doubles.github import APP_ID, INSTALLATION_ID, THE_APP, TOKEN, app_key
from tests.doubles.slack import LocalServer
from tests.e2e.bad_input.case import Case
from tests.e2e.calls import Caller
from tests.e2e.canaries.origin import Origin
from tests.e2e.canaries.runs import run_to_its_end
from tests.e2e.installation import Installation

ISSUE: JsonObject = {"owner": "reading", "repo": "room", "title": "The lamp is broken"}
USER = "ada"


async def connect_everywhere(installation: Installation, api: MobiusApi) -> dict[str, str]:
    """All that was secret in it, by name. Nothing stays connected but GitHub."""
    caller = installation.caller
    return {
        **await _over_http(caller, api),
        **await _as_an_app(installation, api),
        **await _with_tokens(caller, api),
    }


async def _with_tokens(caller: Caller, api: MobiusApi) -> dict[str, str]:
    """A token that is used, and another in its place that GitHub refuses."""
    found = {"credentials in use": TOKEN, "credentials that are refused": f"ghp_{token_hex(18)}"}
    for what, token in found.items():
        await _try(caller, "github", {"token": token}, passes=what == "credentials in use")
        await run_to_its_end(api, "github.create-issue", ISSUE, "completed" if token == TOKEN else "failed")
    return found


async def _as_an_app(installation: Installation, api: MobiusApi) -> dict[str, str]:
    """An App with its key, with another's, and with something that is none."""
    keys = {
        "the App's key": app_key(THE_APP)[0],
        "another App's key": app_key("another")[0],
        "an App's key that is none": f"-----BEGIN PRIVATE KEY-----\n{token_hex(32)}\n-----END PRIVATE KEY-----\n",
    }
    before = len(installation.github.handed_out)
    for what, key in keys.items():
        app: JsonObject = {"app_id": APP_ID, "installation_id": INSTALLATION_ID, "private_key": key}
        await _try(installation.caller, "github", app, passes=what == "the App's key")
        await run_to_its_end(api, "github.create-issue", ISSUE, "completed" if what == "the App's key" else "failed")
    (token,) = installation.github.handed_out[before:]
    lines = {f"{what}, line {line}": text for what, key in keys.items() for line, text in lines_of(key).items()}
    return {**lines, "the token of the App's installation": token}


def lines_of(pem: str) -> Mapping[int, str]:
    """What of a key is secret and the same however its lines are told apart: the whole lines between its marks."""
    inner = pem.strip().split("\n")[1:-1]
    return {number: text for number, text in enumerate(inner, 1) if len(text) == len(inner[0])}


async def _over_http(caller: Caller, api: MobiusApi) -> dict[str, str]:
    """A token and a password that are used, and others in their place, at an origin that quotes what it gets."""
    origin, found = Origin(), dict[str, str]()
    async with LocalServer(origin.app()) as server:
        for what in ("in use", "refused"):
            token, password = token_urlsafe(32), token_urlsafe(24)
            pair = b64encode(f"{USER}:{password}".encode()).decode()
            found |= {
                f"a bearer token {what}": token,
                f"a password {what}": password,
                f"user and password {what}": pair,
            }
            sent = {
                f"Bearer {token}": {"bearer_token": token},
                f"Basic {pair}": {"username": USER, "password": password},
            }
            origin.takes |= set(sent) if what == "in use" else set()
            for header, credentials in sent.items():
                await _try(caller, "http", {"origin": server.url, **credentials}, passes=what == "in use")
                ends = "completed" if what == "in use" else "failed"
                await run_to_its_end(api, "http.request", {"url": f"{server.url}/"}, ends)
                assert origin.got[-2:] == [header, header]
        assert (await caller.call("DELETE", "integrations/http")).status == 204
    return found


async def _try(caller: Caller, slug: str, credentials: JsonObject, *, passes: bool) -> None:
    made = await caller.call("PUT", f"integrations/{slug}", dump_json({"credentials": credentials}))
    assert made.status in (200, 201), made.raw
    tried = await caller.post(f"integrations/{slug}/test", {})
    assert (tried.status, tried.json["passed"]) == (200, passes), tried.raw


def misspelt() -> dict[str, str]:
    """Secrets that are never kept, because what they are given with is refused."""
    return {
        "a misspelt GitHub token": f"ghp_{token_hex(18)}",
        "a misspelt Slack token": f"xoxb-{token_hex(18)}",
        "a misspelt bearer token": token_urlsafe(32),
        "a misspelt password": token_urlsafe(24),
        "a misspelt key": token_hex(32),
    }


def refused_connects(secrets: Mapping[str, str]) -> Sequence[Case]:
    """Each of `misspelt` where it belongs or nearly so; what is sent may never come back."""
    return [Case(f"connect {name}", "PUT", f"integrations/{slug}", body) for name, slug, body in _refused(secrets)]


def _refused(secrets: Mapping[str, str]) -> Iterator[tuple[str, str, JsonObject | bytes]]:
    github, slack = secrets["a misspelt GitHub token"], secrets["a misspelt Slack token"]
    bearer, password, key = (secrets[f"a misspelt {what}"] for what in ("bearer token", "password", "key"))
    origin: JsonObject = {"origin": "https://x.test"}
    app: JsonObject = {"app_id": APP_ID, "installation_id": INSTALLATION_ID}
    given: Mapping[str, tuple[str, JsonObject]] = {
        "a token with a blank": ("github", {"token": f"{github} "}),
        "a token that is too long": ("github", {"token": github * 20}),
        "a list of tokens": ("github", {"token": [github]}),
        "another field": ("github", {"tokens": github}),
        "a token as a field": ("github", {github: "token"}),
        "a token and an App": ("github", {**app, "token": github}),
        "half an App": ("github", {"app_id": APP_ID, "private_key": f"-----BEGIN PRIVATE KEY-----\n{key}"}),
        "a key without its mark": ("github", {**app, "private_key": key}),
        "a key as an id": ("github", {**app, "installation_id": key, "private_key": "-----BEGIN PRIVATE KEY-----"}),
        "another kind of token": ("slack", {"bot_token": slack.upper()}),
        "a Slack token with more": ("slack", {"bot_token": f"{slack}\n"}),
        "a Slack token as a field": ("slack", {slack: slack}),
        "a bearer token of two lines": ("http", {**origin, "bearer_token": f"{bearer}\r\n{bearer}"}),
        "a bearer token for nowhere": ("http", {"bearer_token": bearer}),
        "a bearer token as origin": ("http", {"origin": bearer, "bearer_token": bearer}),
        "a token and a password": ("http", {**origin, "bearer_token": bearer, "password": password}),
        "a password without a user": ("http", {**origin, "password": password}),
        "a password in the user": ("http", {**origin, "username": f"ada:{password}", "password": password}),
        "a password in the origin": ("http", {"origin": f"https://ada:{password}@x.test", "bearer_token": bearer}),
    }
    for name, (slug, credentials) in given.items():
        yield name, slug, {"credentials": credentials}
    yield "credentials as text", "github", {"credentials": github}
    yield "credentials beside", "github", {"credentials": {"token": github}, "token": github}
    yield "credentials at the top", "github", {"token": github}
    yield "a token twice", "github", b'{"credentials": {"token": "%b", "token": "%b"}}' % ((github.encode(),) * 2)
    yield "cut off", "http", dump_json({"credentials": {**origin, "bearer_token": bearer}})[:-4]
    yield "not JSON", "http", f"bearer_token={bearer}".encode()
    yield "nothing like it", "nothing", {"credentials": {"token": github}}
