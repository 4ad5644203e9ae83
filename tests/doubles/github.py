"""A local server that takes requests as GitHub's REST API does, and keeps what it was asked.

Like GitHub it knows tokens, checks an App's signed proof with the App's public key, and hands out tokens for an hour
that only then are good for anything. It shares no code with the client that it checks.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

TOKEN = "ghp_of-the-reading-room-0123456789"
APP_ID, INSTALLATION_ID, THE_APP = "4711", "815", "the app's"


@cache
def app_key(name: str) -> tuple[str, str]:
    """A private key as PEM, and its public key; each name has its own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@dataclass(frozen=True)
class Asked:
    """One request that was authorised. `token` is without its scheme."""

    method: str
    path: str
    token: str
    body: dict[str, object] | None


@dataclass(frozen=True)
class Fault:
    """An answer to give instead of looking at the request."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"message": "Not this time"}'
    content_type: str = "application/json"


@dataclass
class GitHubDouble:
    """One account with one repository, `reading/room`. `prefix` is the path of an Enterprise server's API."""

    prefix: str = ""
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    asked: list[Asked] = field(default_factory=list)
    handed_out: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    token_lives: timedelta = timedelta(hours=1)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        path = request.path_qs.removeprefix(self.prefix)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not request.path.startswith(self.prefix) or "User-Agent" not in request.headers:
            return _told(HTTPStatus.NOT_FOUND, "Not Found")
        if path == f"/app/installations/{INSTALLATION_ID}/access_tokens" and request.method == "POST":
            return self._hand_out(scheme, token)
        if scheme.lower() not in ("token", "bearer") or token not in self.tokens:
            self.refused.append(token)
            return _told(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        raw = await request.read()
        self.asked.append(Asked(request.method, path, token, json.loads(raw) if raw else None))
        if self.faults:
            fault = self.faults.popleft()
            return web.Response(
                status=fault.status, body=fault.body, headers=fault.headers, content_type=fault.content_type
            )
        return self._answer(request.method, path.partition("?")[0], self.asked[-1].body or {})

    def _hand_out(self, scheme: str, proof: str) -> web.Response:
        try:
            claims = jwt.decode(
                proof, app_key(THE_APP)[1], algorithms=["RS256"], options={"require": ["exp", "iat", "iss"]}
            )
        except jwt.PyJWTError as error:
            self.refused.append(proof)
            return _told(HTTPStatus.UNAUTHORIZED, f"A JSON web token could not be decoded: {type(error).__name__}")
        if scheme.lower() != "bearer" or claims["iss"] != APP_ID or claims["exp"] - claims["iat"] > 600:
            return _told(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        token = f"ghs_installation-token-{len(self.handed_out)}"
        self.handed_out.append(token)
        self.tokens.add(token)
        expires = (datetime.now(UTC) + self.token_lives).strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"token": token, "expires_at": expires}, status=HTTPStatus.CREATED)

    def _answer(self, method: str, path: str, body: dict[str, object]) -> web.Response:
        room = "/repos/reading/room"
        issue: dict[str, object] = {
            "id": 70,
            "number": 7,
            "html_url": "https://x.test/7",
            "state": "open",
            "title": "t",
        }
        comment = {"id": 71, "html_url": "https://x.test/7#71"}
        labels = [{"name": "bug"}, *({"name": name} for name in _names(body.get("labels")))]
        release = {"id": 72, "html_url": "https://x.test/v1", "tag_name": body.get("tag_name"), "draft": False}
        answers: dict[tuple[str, str], tuple[int, object]] = {
            ("POST", f"{room}/issues"): (201, {**issue, "title": body.get("title")}),
            ("PATCH", f"{room}/issues/7"): (200, {**issue, "title": "t", **body}),
            ("POST", f"{room}/issues/7/comments"): (201, comment),
            ("POST", f"{room}/issues/7/labels"): (200, labels),
            ("POST", f"{room}/actions/workflows/release.yml/dispatches"): (204, None),
            ("POST", f"{room}/releases"): (201, release),
            ("GET", "/user"): (200, {"login": "reading"}),
            ("GET", "/installation/repositories"): (200, {"total_count": 1, "repositories": []}),
        }
        if (method, path) not in answers:
            return _told(HTTPStatus.NOT_FOUND, "Not Found")
        status, told = answers[(method, path)]
        return web.Response(status=status) if told is None else web.json_response(told, status=status)


def _names(labels: object) -> list[str]:
    return [str(name) for name in labels] if isinstance(labels, list) else []


def _told(status: HTTPStatus, message: str) -> web.Response:
    return web.json_response({"message": message, "documentation_url": "https://x.test"}, status=status)
