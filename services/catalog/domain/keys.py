"""An API key: who may come in, how far, and how long. The key itself never passes through here, only its hash."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from libs.chassis.decider import Rejected
from libs.contracts.envelope import Event, format_time
from libs.contracts.events.catalog import ApiKeyCreated, ApiKeyRevoked, ApiKeyState, Role
from libs.contracts.payload import Payload
from services.catalog.domain.names import label_problem

KeyStatus = Literal["active", "expired", "revoked"]

LAST_ADMIN: Final = Rejected(
    "invalid_state",
    "expected another admin key of the whole installation that never expires, but this is the last one: without it"
    " nobody could make keys or projects any more",
    code="last_admin_key",
)
NO_PROJECT: Final = Rejected("not_found", "expected a project that this key can see, but there is none", "project")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What the catalog knows of a key. `project` None: it opens all of them."""

    key_id: str
    token_sha256: str
    name: str
    role: Role
    project: str | None
    created_at: datetime
    created_by: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def keeps_the_door(self) -> bool:
        """Whether it can always make other keys: an administrator's, everywhere and for ever."""
        return (self.role, self.project, self.expires_at, self.revoked_at) == ("admin", None, None, None)

    def status(self, now: datetime) -> KeyStatus:
        """Whether it opens anything."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """Issue a key. `key_id` was made for it; `token_sha256` is the hash of the key that its holder has. `maker_ends_at`
    is when the key expires that asks for it; None: never."""

    key_id: str
    token_sha256: str
    name: str
    role: Role
    project: str | None = None
    expires_at: datetime | None = None
    maker_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    """Let it open nothing any more. `another_keeps_the_door`: whether another key can always make keys."""

    another_keeps_the_door: bool


KeyCommand: TypeAlias = CreateApiKey | RevokeApiKey


def decide(state: ApiKey | None, command: KeyCommand, now: datetime) -> Sequence[Payload] | Rejected:
    """`state` is the key, or for a new one the key that has its hash already, if there is one."""
    match command:
        case CreateApiKey():
            return _create(state, command, now)
        case RevokeApiKey():
            return _revoke(state, command)


def evolve(state: ApiKey | None, event: Event[Payload], token_sha256: str = "") -> ApiKey | None:
    """The key after one of its events. The hash is in none of them, so whoever issues a key hands it in."""
    match event.data:
        case ApiKeyCreated() as said:
            return ApiKey(
                key_id=said.key_id,
                token_sha256=token_sha256,
                name=said.name,
                role=said.role,
                project=said.project,
                created_at=event.time,
                created_by=event.actor,
                expires_at=said.expires_at,
            )
        case ApiKeyRevoked() if state is not None:
            return replace(state, revoked_at=event.time)
        case _:
            return state


def announcement(key: ApiKey) -> ApiKeyState:
    """The record by which every service knows who comes in."""
    return ApiKeyState(
        key_id=key.key_id,
        token_sha256=key.token_sha256,
        name=key.name,
        role=key.role,
        project=key.project,
        revoked=key.revoked_at is not None,
        expires_at=key.expires_at,
    )


def state_stream(key_id: str) -> str:
    """The stream of a key's states."""
    return f"api-key-state/{key_id}"


def _create(state: ApiKey | None, command: CreateApiKey, now: datetime) -> Sequence[ApiKeyCreated] | Rejected:
    if state is not None:
        return Rejected("already_exists", "expected a key that is new, but it was issued before")
    sentence = label_problem(command.name)
    if sentence is not None:
        return Rejected("invalid_argument", sentence, field="name")
    sentence = _end_problem(command, now)
    if sentence is not None:
        return Rejected("invalid_argument", sentence, field="expires_at")
    return [
        ApiKeyCreated(
            key_id=command.key_id,
            name=command.name,
            role=command.role,
            project=command.project,
            expires_at=command.expires_at,
        )
    ]


def _end_problem(command: CreateApiKey, now: datetime) -> str | None:
    """No key outlives an expiring one that made it: whoever was let in for a while stays no longer."""
    ends_at, most = command.expires_at, command.maker_ends_at
    if ends_at is not None and ends_at <= now:
        return "expected a moment to come, but it is past"
    if most is None or (ends_at is not None and ends_at <= most):
        return None
    given = "none is given" if ends_at is None else "it is later"
    return f"expected at most {format_time(most)}, when the key expires that makes this one, but {given}"


def _revoke(state: ApiKey | None, command: RevokeApiKey) -> Sequence[ApiKeyRevoked] | Rejected:
    if state is None:
        return Rejected("not_found", "expected a key, but there is none")
    if state.revoked_at is not None:
        return []
    if state.keeps_the_door and not command.another_keeps_the_door:
        return LAST_ADMIN
    return [ApiKeyRevoked(key_id=state.key_id, name=state.name, role=state.role, project=state.project)]
