"""API keys: who may come in, and what for."""

from typing import ClassVar, Literal

from libs.contracts.moment import Moment
from libs.contracts.payload import Payload

Role = Literal["admin", "author", "worker", "viewer"]


class ApiKeyCreated(Payload):
    """An API key was issued. The key itself was answered once and is nowhere."""

    type: ClassVar[str] = "api_key.created"

    key_id: str
    name: str
    role: Role
    project: str | None = None
    expires_at: Moment | None = None


class ApiKeyRevoked(Payload):
    """An API key opens nothing any more."""

    type: ClassVar[str] = "api_key.revoked"

    key_id: str
    name: str
    role: Role
    project: str | None = None


class ApiKeyState(Payload):
    """The latest of an API key; key: its id. The key itself is nowhere, only its SHA-256."""

    type: ClassVar[str] = "api_key.state"

    key_id: str
    token_sha256: str
    name: str
    role: Role
    project: str | None = None
    revoked: bool = False
    expires_at: Moment | None = None
