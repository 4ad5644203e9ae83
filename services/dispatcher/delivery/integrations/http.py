"""HTTP: one request to anywhere the operator allows, for what has no integration of its own.

Credentials are bound to an origin: they go along with requests to it and to nowhere else, so that whoever may write a
workflow cannot send them to a place of his choice.
"""

import base64
from typing import ClassVar, Final, cast

from yarl import URL

from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json, parse_json
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.caller import HttpCaller, Request
from services.dispatcher.delivery.classification import Cause, cause_of, ruled
from services.dispatcher.delivery.integrations.http_actions import CONNECTING, REQUEST
from services.dispatcher.delivery.integrations.port import Connecting, Integration, InvocationContext, Room
from services.dispatcher.delivery.integrations.redaction import bytes_without, outcome_without, redacted, secrets_in
from services.dispatcher.delivery.outcome import Outcome
from services.dispatcher.delivery.verdict import Failure, Success, Verdict

_REFUSALS: Final = (401, 403)
_PROMISED_BY_METHOD: Final = {
    **dict.fromkeys(("GET", "HEAD", "OPTIONS"), Annotations(read_only=True)),
    "PUT": Annotations(idempotent=True),
    "DELETE": Annotations(destructive=True),
}
"""What HTTP says of a method. It decides whether a failed attempt is made again; the catalog promises nothing."""


class HttpIntegration(Integration):
    """Goes through the target guard, and needs no connection."""

    slug = "http"
    title = "HTTP"
    description = "Any HTTP endpoint that this installation may send to."
    connecting: ClassVar[Connecting | None] = CONNECTING
    actions = (REQUEST,)

    def __init__(self, room: Room) -> None:
        self._caller = HttpCaller(room.targets, room.limits)

    async def open(self) -> None:
        await self._caller.open()

    async def close(self) -> None:
        await self._caller.close()

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        try:
            request = _request(parameters, context)
        except (ValueError, TypeError) as error:
            return Failure("contract_violation", str(error), retryable=False, certain=True)
        outcome = await self._caller.call(request)
        wanted = parameters.get("expected_statuses")
        promises = _PROMISED_BY_METHOD.get(request.method, Annotations())
        secrets = _secrets(context.credentials)
        verdict = _judged(outcome, wanted if isinstance(wanted, list) else [], promises, secrets)
        return redacted(verdict, secrets)

    async def test(self, credentials: JsonObject) -> Verdict:
        """Asks the origin for its root: whatever it answers but 401 and 403, it did not refuse the credentials."""
        authorization = _authorization(credentials) or ""
        request = Request("GET", f"{credentials['origin']}/", {"Authorization": authorization})
        outcome = outcome_without(await self._caller.call(request), _secrets(credentials))
        if outcome.status is not None and outcome.status not in _REFUSALS:
            return Success({"status": outcome.status})
        cause = cause_of(outcome)
        assert cause is not None, "expected a fault or a refusal to have a row"
        told = outcome.fault_text or f"status {outcome.status}"
        return ruled(cause, Annotations(read_only=True), outcome, told)


def _request(parameters: JsonObject, context: InvocationContext) -> Request:
    """What is to be sent. ValueError for headers and URLs that cannot be."""
    own = cast("dict[str, str]", parameters.get("headers") or {})
    given = {name.lower() for name in own}
    headers = {**{name: value for name, value in context.headers.items() if name not in given}, **own}
    body = parameters.get("body")
    if body is not None and not isinstance(body, str) and "content-type" not in given:
        headers["Content-Type"] = "application/json"
    url = str(parameters["url"])
    authorization = _authorization(context.credentials)
    if authorization and "authorization" not in given and _origin(url) == _origin(str(context.credentials["origin"])):
        headers["Authorization"] = authorization
    raw = b"" if body is None else body.encode() if isinstance(body, str) else dump_json(body)
    return Request(str(parameters.get("method", "GET")), url, headers, raw, context.timeout)


def _origin(url: str) -> str:
    """Scheme, host and port. ValueError for what has none of them."""
    url_read = URL(url, encoded=True)
    return f"{url_read.scheme}://{url_read.host}:{url_read.port}".lower()


def _authorization(credentials: JsonObject) -> str | None:
    """The header's value; None without credentials."""
    if "bearer_token" in credentials:
        return f"Bearer {credentials['bearer_token']}"
    if "username" in credentials:
        pair = f"{credentials['username']}:{credentials['password']}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return None


def _secrets(credentials: JsonObject) -> list[str]:
    """What must not come back: the credentials' secrets, and the pair as Basic has it, padded or not."""
    _, _, token = (_authorization(credentials) or "").partition(" ")
    return [*secrets_in(CONNECTING, credentials), *([token.rstrip("=")] if token else [])]


def _judged(outcome: Outcome, wanted: list[Json], promises: Annotations, secrets: list[str]) -> Verdict:
    cause = cause_of(outcome)
    expected = outcome.fault is None and outcome.status in wanted
    if cause is not None and not expected and cause is not Cause.NOT_JSON:
        quoted = outcome_without(outcome, secrets)
        return ruled(cause, promises, quoted, quoted.fault_text or f"status {outcome.status}")
    result: JsonObject = {"status": outcome.status, "headers": dict(outcome.headers), **_body(outcome, secrets)}
    return Success(result)


def _body(outcome: Outcome, secrets: list[str]) -> JsonObject:
    """The body as far as it can be shown."""
    if not outcome.body:
        return {}
    try:
        text = outcome.body.decode()
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(bytes_without(outcome.body, secrets)).decode()}
    if "json" in outcome.headers.get("content-type", ""):
        try:
            return {"body": parse_json(outcome.body)}
        except InvalidJson:
            pass
    return {"body": text}
