"""An API key: who may come in, and how far. The key itself passes through here never, only its hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.chassis.decider import Rejected
from libs.contracts.envelope import Event
from libs.contracts.events.catalog import ApiKeyCreated, ApiKeyState, Role
from libs.contracts.payload import Payload


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What the catalog knows of a key. `project` None: it opens all of them. The hash is only in its state."""

    key_id: str
    name: str
    role: Role
    project: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """Issue a key. `key_id` was made for it; `token_sha256` is the hash of the key that its holder has."""

    key_id: str
    token_sha256: str
    name: str
    role: Role
    project: str | None = None


def decide(state: ApiKey | None, command: CreateApiKey, _now: datetime) -> Sequence[ApiKeyCreated] | Rejected:
    """`state` is the key that has the hash already, if there is one."""
    if state is not None:
        return Rejected("already_exists", "expected a key that is new, but it was issued before")
    return [ApiKeyCreated(key_id=command.key_id, name=command.name, role=command.role, project=command.project)]


def evolve(state: ApiKey | None, event: Event[Payload]) -> ApiKey | None:
    """The key after one of its events."""
    match event.data:
        case ApiKeyCreated() as created:
            return ApiKey(created.key_id, created.name, created.role, created.project, event.time)
        case _:
            return state


def announcement(key: ApiKey, token_sha256: str) -> ApiKeyState:
    """The record by which every service knows who comes in."""
    return ApiKeyState(key_id=key.key_id, token_sha256=token_sha256, name=key.name, role=key.role, project=key.project)


def state_stream(key_id: str) -> str:
    """The stream of a key's states."""
    return f"api-key-state/{key_id}"
