"""The GitHub integration against a local server that checks requests as GitHub does, and against one that is ill."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from libs.contracts.codec import Json, JsonObject
from services.dispatcher.delivery.integrations.github import GitHubIntegration
from services.dispatcher.delivery.integrations.port import InvocationContext
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from tests.doubles.github import APP_ID, INSTALLATION_ID, THE_APP, TOKEN, Asked, Fault, GitHubDouble, app_key
from tests.doubles.slack import LocalServer
from tests.integration.delivery.wire_servers import read_request, serving

ROOM: JsonObject = {"owner": "reading", "repo": "room"}
ISSUE: JsonObject = {**ROOM, "title": "The lamp is broken"}
BY_TOKEN: JsonObject = {"token": TOKEN}


def by_app(key: str = THE_APP) -> JsonObject:
    return {"app_id": APP_ID, "installation_id": INSTALLATION_ID, "private_key": app_key(key)[0]}


class Moment:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Client:
    """An open integration. What goes in and comes out has to pass its action's gates."""

    def __init__(self, registry: IntegrationRegistry) -> None:
        self.registry = registry

    async def do(self, action: str, parameters: JsonObject, credentials: JsonObject = BY_TOKEN) -> Verdict:
        bound = self.registry.find(f"github.{action}")
        assert bound is not None
        assert bound.input_gate.violations(parameters) == []
        context = InvocationContext("default", "run_1", "file", "inv_1", 1, credentials=credentials)
        verdict = await bound.invoke(parameters, context)
        assert not isinstance(verdict, Success) or bound.output_gate.violations(verdict.result) == []
        return verdict

    async def fail(self, action: str, parameters: JsonObject, credentials: JsonObject = BY_TOKEN) -> Failure:
        verdict = await self.do(action, parameters, credentials)
        assert isinstance(verdict, Failure)
        return verdict

    async def test(self, credentials: JsonObject) -> Verdict:
        (github,) = self.registry.integrations()
        return await self.registry.test(github, credentials)


@asynccontextmanager
async def client_of(url: str, now: Moment | None = None) -> AsyncIterator[Client]:
    async with IntegrationRegistry([GitHubIntegration(None, url, now=now or Moment())]) as registry:
        yield Client(registry)


@pytest.fixture
def github() -> GitHubDouble:
    return GitHubDouble()


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
async def client(github: GitHubDouble, moment: Moment) -> AsyncIterator[Client]:
    async with LocalServer(github.app()) as server, client_of(server.url, moment) as client:
        yield client


AN_ISSUE: JsonObject = {"id": 70, "number": 7, "url": "https://x.test/7", "state": "open", "title": "t"}
A_COMMENT: JsonObject = {"id": 71, "url": "https://x.test/7#71"}


@pytest.mark.parametrize(
    ("action", "own", "method", "path", "result"),
    [
        ("create-issue", {"title": "t", "labels": ["bug"]}, "POST", "issues", AN_ISSUE),
        ("update-issue", {"number": 7, "state": "closed"}, "PATCH", "issues/7", {**AN_ISSUE, "state": "closed"}),
        ("comment-on-issue", {"number": 7, "body": "Yes"}, "POST", "issues/7/comments", A_COMMENT),
        ("comment-on-pull-request", {"number": 7, "body": "No"}, "POST", "issues/7/comments", A_COMMENT),
        ("add-labels", {"number": 7, "labels": ["a"]}, "POST", "issues/7/labels", {"labels": ["bug", "a"]}),
        (
            "dispatch-workflow",
            {"workflow": "release.yml", "ref": "main", "inputs": {"dry": "yes"}},
            "POST",
            "actions/workflows/release.yml/dispatches",
            {"dispatched": True},
        ),
        (
            "create-release",
            {"tag_name": "v1", "body": "New"},
            "POST",
            "releases",
            {"id": 72, "url": "https://x.test/v1", "tag_name": "v1", "draft": False},
        ),
    ],
)
async def test_an_action_is_one_request_under_the_token(
    github: GitHubDouble, client: Client, action: str, own: JsonObject, method: str, path: str, result: Json
) -> None:
    assert await client.do(action, {**ROOM, **own}) == Success(result)
    places = ("number", "workflow")
    body: dict[str, object] = {name: value for name, value in own.items() if name not in places}
    assert github.asked == [Asked(method, f"/repos/reading/room/{path}", TOKEN, body)]


def test_the_annotations_say_what_is_true() -> None:
    promises = {action.name: action.annotations for action in GitHubIntegration.actions}
    assert {name for name, one in promises.items() if one.idempotent} == {"github.update-issue", "github.add-labels"}
    assert not [one for one in promises.values() if one.destructive or one.read_only]


@pytest.mark.parametrize(
    ("action", "parameters", "pointer"),
    [
        ("create-issue", {**ROOM}, ""),
        ("create-issue", {**ISSUE, "owner": ".."}, "/owner"),
        ("create-issue", {**ISSUE, "repo": "a/b"}, "/repo"),
        ("create-issue", {**ISSUE, "asignees": []}, "/asignees"),
        ("update-issue", {**ROOM, "number": 7}, ""),
        ("comment-on-issue", {**ROOM, "number": "7", "body": "x"}, "/number"),
        ("dispatch-workflow", {**ROOM, "workflow": "../x", "ref": "main"}, "/workflow"),
    ],
)
def test_parameters_outside_the_input_schema_are_named(action: str, parameters: JsonObject, pointer: str) -> None:
    bound = IntegrationRegistry([GitHubIntegration(None)]).find(f"github.{action}")
    assert bound is not None
    assert pointer in [violation.pointer for violation in bound.input_gate.violations(parameters)]


async def test_an_enterprise_server_has_its_api_below_a_path() -> None:
    github = GitHubDouble(prefix="/api/v3")
    async with LocalServer(github.app()) as server, client_of(f"{server.url}/api/v3") as client:
        assert isinstance(await client.do("create-issue", ISSUE), Success)
    assert [one.path for one in github.asked] == ["/repos/reading/room/issues"]


async def test_an_app_works_under_a_token_that_is_asked_for_once(github: GitHubDouble, client: Client) -> None:
    await asyncio.gather(*(client.do("create-issue", ISSUE, by_app()) for _ in range(5)))
    assert github.handed_out == ["ghs_installation-token-0"]
    assert [one.token for one in github.asked] == ["ghs_installation-token-0"] * 5


@pytest.mark.parametrize(("minutes", "asked_for"), [(54, 1), (56, 2)])
async def test_an_apps_token_is_renewed_shortly_before_its_end(
    github: GitHubDouble, client: Client, moment: Moment, minutes: int, asked_for: int
) -> None:
    await client.do("create-issue", ISSUE, by_app())
    moment.ahead = timedelta(minutes=minutes)
    assert isinstance(await client.do("create-issue", ISSUE, by_app()), Success)
    assert len(github.handed_out) == asked_for


async def test_an_apps_token_that_is_refused_is_not_used_again(github: GitHubDouble, client: Client) -> None:
    await client.do("create-issue", ISSUE, by_app())
    github.tokens.discard("ghs_installation-token-0")
    assert (await client.fail("create-issue", ISSUE, by_app())).details["status"] == 401
    assert isinstance(await client.do("create-issue", ISSUE, by_app()), Success)
    assert github.asked[-1].token == "ghs_installation-token-1"


async def test_another_key_of_the_app_does_not_get_the_token_of_the_first(github: GitHubDouble, client: Client) -> None:
    await client.do("create-issue", ISSUE, by_app())
    failure = await client.fail("create-issue", ISSUE, by_app("somebody else's"))
    assert (failure.error_type, failure.certain, failure.retryable) == ("fatal_error", True, False)
    assert "installation's token" in failure.sentence
    assert len(github.asked) == 1


async def test_a_private_key_that_is_none_is_refused_before_anybody_is_asked(
    github: GitHubDouble, client: Client
) -> None:
    broken = {**by_app(), "private_key": "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0LWlzaA==\n-----END-----"}
    failure = await client.fail("create-issue", ISSUE, broken)
    assert (failure.error_type, failure.certain) == ("fatal_error", True)
    assert "c2VjcmV0" not in repr(failure)
    assert github.refused == []


@pytest.mark.parametrize(
    ("fault", "error_type", "retryable", "certain", "seconds"),
    [
        (Fault(401), "fatal_error", False, True, None),
        (Fault(403), "fatal_error", False, True, None),
        (Fault(404), "activity_failed", False, True, None),
        (Fault(422), "activity_failed", False, True, None),
        (Fault(403, {"Retry-After": "30"}), "activity_failed", True, True, 30),
        (Fault(429, {"Retry-After": "7"}), "activity_failed", True, True, 7),
        (Fault(429), "activity_failed", True, True, None),
        (Fault(503), "activity_failed", True, True, None),
        (Fault(500), "activity_failed", False, False, None),
        (Fault(502, body=b"<html>", content_type="text/html"), "outcome_unknown", False, False, None),
        (Fault(500, body=b"{", content_type="application/json"), "activity_failed", False, False, None),
        (Fault(422, body=b"[1]", content_type="application/json"), "activity_failed", False, True, None),
        (Fault(200, body=b"{", content_type="application/json"), "outcome_unknown", False, False, None),
    ],
)
async def test_an_answer_is_ruled_by_the_table(
    github: GitHubDouble,
    client: Client,
    fault: Fault,
    error_type: str,
    retryable: bool,
    certain: bool,
    seconds: int | None,
) -> None:
    github.faults.append(fault)
    failure = await client.fail("create-issue", ISSUE)
    assert (failure.error_type, failure.retryable, failure.certain) == (error_type, retryable, certain)
    assert failure.retry_after == (None if seconds is None else timedelta(seconds=seconds))
    assert failure.details["status"] == fault.status
    assert TOKEN not in repr(failure)


async def test_an_exhausted_allowance_is_waited_for_until_it_is_filled(github: GitHubDouble, client: Client) -> None:
    reset = int(datetime.now(UTC).timestamp()) + 90
    limits = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    github.faults.append(Fault(403, limits))
    failure = await client.fail("create-issue", ISSUE)
    assert failure.retryable
    assert failure.retry_after is not None
    assert timedelta(seconds=60) < failure.retry_after <= timedelta(seconds=90)


async def test_what_may_be_repeated_is_after_a_failure_of_theirs(github: GitHubDouble, client: Client) -> None:
    github.faults.append(Fault(500))
    labels: JsonObject = {**ROOM, "number": 7, "labels": ["a"]}
    assert (await client.fail("add-labels", labels)).retryable


async def test_githubs_own_words_are_told(github: GitHubDouble, client: Client) -> None:
    words = b'{"message": "Validation Failed", "errors": [{"field": "title", "code": "missing_field"}]}'
    github.faults.append(Fault(422, body=words))
    assert "Validation Failed (title)" in (await client.fail("create-issue", ISSUE)).sentence


async def test_a_token_that_comes_back_goes_no_further(github: GitHubDouble, client: Client) -> None:
    await client.do("create-issue", ISSUE, by_app())
    for token, credentials in ((TOKEN, BY_TOKEN), (github.handed_out[0], by_app())):
        github.faults.append(Fault(500, body=f'{{"message": "no {token} here"}}'.encode()))
        failure = await client.fail("create-issue", ISSUE, credentials)
        assert token not in repr(failure)
        assert "[redacted]" in str(failure.details["response_excerpt"])


@pytest.mark.parametrize("before", range(455, 501, 15))
async def test_no_part_of_a_token_stays_where_an_answer_is_cut(
    github: GitHubDouble, client: Client, before: int
) -> None:
    github.faults.append(Fault(500, body=b"-" * before + TOKEN.encode()))
    excerpt = (await client.fail("create-issue", ISSUE)).details["response_excerpt"]
    github.faults.append(Fault(422, body=f'{{"message": "{"-" * (before - 300)}{TOKEN}"}}'.encode()))
    sentence = (await client.fail("create-issue", ISSUE)).sentence

    assert (TOKEN[:4] in str(excerpt), TOKEN[:4] in sentence) == (False, False)


async def test_a_redirect_is_refused_so_that_the_token_stays(github: GitHubDouble, client: Client) -> None:
    github.faults.append(Fault(307, {"Location": "/repos/moved/room/issues"}))
    assert not (await client.fail("create-issue", ISSUE)).retryable
    assert len(github.asked) == 1


async def test_silence_after_the_request_leaves_the_outcome_unknown() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with serving(hang_up) as port, client_of(f"http://127.0.0.1:{port}") as client:
        failure = await client.fail("create-issue", ISSUE)
        unasked = await client.fail("create-issue", ISSUE, by_app())
    assert (failure.error_type, failure.certain, failure.retryable) == ("outcome_unknown", False, False)
    assert (unasked.certain, unasked.retryable) == (True, True), "no token, so nothing of the action was sent"


async def test_nobody_listening_is_a_failure_that_may_be_retried(unused_port: int) -> None:
    async with client_of(f"http://127.0.0.1:{unused_port}") as client:
        failure = await client.fail("create-issue", ISSUE)
    assert (failure.error_type, failure.retryable, failure.certain) == ("activity_failed", True, True)


async def test_a_trial_tells_who_is_known_there(client: Client) -> None:
    assert await client.test(BY_TOKEN) == Success({"login": "reading"})
    assert await client.test(by_app()) == Success({"repositories": 1})
    wrongs: list[JsonObject] = [{"token": "ghp_never-was-one"}, by_app("somebody else's")]
    for wrong in wrongs:
        refused = await client.test(wrong)
        assert isinstance(refused, Failure)
        assert refused.details["status"] == 401


async def test_neither_texts_nor_tokens_are_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await client.do("create-issue", ISSUE)
    await client.do("create-issue", ISSUE, by_app())
    for secret in (TOKEN, "ghs_", "PRIVATE KEY", str(ISSUE["title"])):
        assert secret not in caplog.text
