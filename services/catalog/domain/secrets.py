"""The signing secrets of an action: one is active, those before it sign on for a while, a new one may wait for proof.

Versions count up and are never used again: the highest is always there, so the next one is known from the ring alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from libs.chassis.decider import Rejected
from libs.contracts.envelope import Event
from libs.contracts.events.catalog import ActionSecretRotated, ActionSecretStaged, PendingSecret, SealedSecret
from libs.contracts.payload import Payload

DEFAULT_GRACE_SECONDS: Final = 600
MAX_GRACE_SECONDS: Final = 30 * 24 * 3600
MOST_IN_GRACE: Final = 8
"""Every one of them signs every request; more would only make the header longer."""

Status = Literal["active", "grace", "pending"]
Change = ActionSecretRotated | ActionSecretStaged


@dataclass(frozen=True, slots=True)
class Secret:
    """One version, sealed. `expires_at` is set once another is active; `grace` while it waits for its proof: what those
    before it get then."""

    version: int
    sealed: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    grace: timedelta | None = None

    @property
    def status(self) -> Status:
        """What it is as long as it has not expired."""
        if self.grace is not None:
            return "pending"
        return "active" if self.expires_at is None else "grace"

    def is_over(self, now: datetime) -> bool:
        """Whether it signs nothing any more."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class SecretRing:
    """The versions of an action that may still sign, newest first."""

    secrets: tuple[Secret, ...]

    @property
    def next_version(self) -> int:
        """The version that a new secret gets."""
        return max(secret.version for secret in self.secrets) + 1

    @property
    def active(self) -> Secret:
        """The one that signs until further notice."""
        return next(secret for secret in self.secrets if secret.status == "active")

    @property
    def pending(self) -> Secret | None:
        """The one that waits for its proof."""
        return next((secret for secret in self.secrets if secret.status == "pending"), None)

    def at(self, now: datetime) -> "SecretRing":
        """Without what is over."""
        return SecretRing(tuple(secret for secret in self.secrets if not secret.is_over(now)))


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """Put a new secret in the place of the active one: now, or as soon as the endpoint has accepted it (`probe`)."""

    action_id: str
    name: str
    grace: timedelta
    probe: bool


@dataclass(frozen=True, slots=True)
class ActivateSecret:
    """The endpoint has accepted the pending secret of this version."""

    action_id: str
    name: str
    version: int


def first_ring(sealed: str, created_at: datetime) -> SecretRing:
    """What an action begins with."""
    return SecretRing((Secret(1, sealed, created_at),))


def decide(ring: SecretRing, command: RotateSecret | ActivateSecret, now: datetime) -> Sequence[Change] | Rejected:
    """No events: already so, or overtaken by a newer rotation."""
    match command:
        case RotateSecret():
            return _rotation(ring.at(now), command, now)
        case ActivateSecret():
            return _activation(ring, command, now)


def _rotation(ring: SecretRing, command: RotateSecret, now: datetime) -> Sequence[Change] | Rejected:
    in_grace = sum(secret.status == "grace" for secret in ring.secrets)
    if command.grace and in_grace >= MOST_IN_GRACE:
        return Rejected(
            "invalid_state",
            f"expected at most {MOST_IN_GRACE} secrets in their grace period, but there are {in_grace}: wait for one to"
            " expire, or revoke all of them by grace_seconds 0",
            field="grace_seconds",
        )
    waiting = ring.pending
    if command.probe:
        staged = ActionSecretStaged(
            action_id=command.action_id,
            name=command.name,
            secret_version=ring.next_version,
            grace_seconds=int(command.grace.total_seconds()),
            replaced_version=None if waiting is None else waiting.version,
        )
        return [staged]
    return [_rotated(ring, ring.next_version, command, now + command.grace)]


def _activation(ring: SecretRing, command: ActivateSecret, now: datetime) -> Sequence[Change]:
    waiting = ring.pending
    if waiting is None or waiting.grace is None or waiting.version != command.version:
        return []
    return [_rotated(ring, waiting.version, command, now + waiting.grace, proven=True)]


def _rotated(
    ring: SecretRing, version: int, command: RotateSecret | ActivateSecret, ends_at: datetime, *, proven: bool = False
) -> ActionSecretRotated:
    return ActionSecretRotated(
        action_id=command.action_id,
        name=command.name,
        secret_version=version,
        previous_version=ring.active.version,
        grace_ends_at=ends_at,
        proven=proven,
    )


def evolve(ring: SecretRing, event: Event[Payload], sealed: str) -> SecretRing:
    """The ring after a change. `sealed` is the secret that a rotation came with; one that had waited is there."""
    kept = [secret for secret in ring.secrets if secret.status != "pending"]
    match event.data:
        case ActionSecretStaged() as staged:
            grace = timedelta(seconds=staged.grace_seconds)
            fresh = Secret(staged.secret_version, sealed, event.time, grace=grace)
            return SecretRing((fresh, *kept)).at(event.time)
        case ActionSecretRotated() as rotated:
            ends_at = rotated.grace_ends_at
            older = [replace(one, expires_at=min(ends_at, one.expires_at or ends_at)) for one in kept]
            return SecretRing((_active(ring, rotated, event.time, sealed), *older)).at(event.time)
        case _:
            return ring


def _active(ring: SecretRing, rotated: ActionSecretRotated, now: datetime, sealed: str) -> Secret:
    waiting = ring.pending
    if waiting is not None and waiting.version == rotated.secret_version:
        return replace(waiting, grace=None)
    return Secret(rotated.secret_version, sealed, now)


def said_secrets(ring: SecretRing) -> tuple[list[SealedSecret], PendingSecret | None]:
    """The ring as an action's state carries it: those that sign, and the one that waits."""
    signing = [
        SealedSecret(version=one.version, sealed=one.sealed, expires_at=one.expires_at, created_at=one.created_at)
        for one in ring.secrets
        if one.status != "pending"
    ]
    waiting = ring.pending
    if waiting is None or waiting.grace is None:
        return signing, None
    grace = int(waiting.grace.total_seconds())
    return signing, PendingSecret(
        version=waiting.version, sealed=waiting.sealed, created_at=waiting.created_at, grace_seconds=grace
    )
