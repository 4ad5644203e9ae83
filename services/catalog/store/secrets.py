"""The signing secrets of actions: rotated, activated, retired, looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, Entry, entries
from services.catalog.domain.actions import Action, action_key, announcement, evolve, state_stream
from services.catalog.domain.secrets import (
    ActivateSecret,
    Change,
    RotateSecret,
    Secret,
    SecretRing,
    decide,
    said_secrets,
)
from services.catalog.domain.secrets import evolve as evolve_ring
from services.catalog.store.action_rows import action_of
from services.catalog.store.commits import Commits, Proposal
from services.catalog.store.secret_rows import ring_parts, rings_of

QUERIES = load_queries(__package__)
NO_ACTION = Rejected("not_found", "expected an action of this name, but the project has none")
OVERTAKEN = Rejected("invalid_state", "expected a secret that waits for its proof, but it does not any more")

Seal = Callable[[int], str]
"""From the version that a secret gets to its sealed text."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What somebody asked for. The version is known only when it is decided, so the secret is sealed then."""

    name: str
    grace: timedelta
    probe: bool
    seal: Seal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A secret that waits for its proof, by the endpoint that the action has."""

    project: str
    name: str
    action_id: str
    version: int
    endpoint_url: str

    def is_of(self, action: Action) -> bool:
        """Whether the action is still the one that was proven, and its endpoint too."""
        return (action.action_id, action.endpoint_url) == (self.action_id, self.endpoint_url)


@dataclass(frozen=True, slots=True)
class _Held:
    """An action with its secrets, and where its streams go on. Its states' was read before, so whoever changes anything
    meanwhile is noticed at the commit."""

    action: Action
    ring: SecretRing
    sequence: int
    state_sequence: int


class Secrets:
    """Proposals are for `Commits.settle`. All raise `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, commits: Commits) -> None:
        self._reads = reads
        self._commits = commits

    async def activate(self, waiting: Waiting, context: Context) -> Secret | Rejected:
        """Makes a proven secret the active one; refused when a newer rotation, another endpoint, or
        somebody else was faster."""
        return await self._commits.settle(lambda: self._propose_activation(waiting, context))

    async def waiting(self, after: str, most: int) -> list[Waiting]:
        """Secrets that wait for their proof, those of actions behind `after`, in the order of their ids."""
        rows = await self._reads.rows(QUERIES["find_pending_secrets"], after, most)
        return [Waiting(**row) for row in rows]

    async def over(self, now: datetime, most: int) -> list[tuple[str, str]]:
        """Projects and names of actions that have secrets whose grace period has ended."""
        rows = await self._reads.rows(QUERIES["find_actions_with_expired_secrets"], now, most)
        return [(row["project"], row["name"]) for row in rows]

    async def retire(self, name: str, context: Context) -> SecretRing | Rejected:
        """Takes away what is over of an action in the context's project; announced when this returns."""
        return await self._commits.settle(lambda: self._propose_retirement(name, context))

    async def ring(self, project: str, name: str) -> tuple[Action, SecretRing] | None:
        """The project's action of this name, with its secrets."""
        row = await self._reads.row(QUERIES["find_action"], project, name)
        if row is None:
            return None
        action = action_of(row)
        rings = rings_of(await self._reads.rows(QUERIES["find_secrets"], [action.action_id]))
        ring = rings.get(action.action_id)
        return None if ring is None else (action, ring)

    async def propose_rotation(self, rotation: Rotation, context: Context) -> Proposal[Secret] | Rejected:
        """A new version of the secret of an action in the context's project."""
        held = await self._held(context.project, rotation.name)
        if held is None:
            return NO_ACTION
        command = RotateSecret(held.action.action_id, rotation.name, rotation.grace, rotation.probe)
        events = decide(held.ring, command, context.now)
        if isinstance(events, Rejected):
            return events
        return self._proposal(held, events, rotation.seal(held.ring.next_version), context)

    async def _propose_activation(self, waiting: Waiting, context: Context) -> Proposal[Secret] | Rejected:
        held = await self._held(waiting.project, waiting.name)
        if held is None or not waiting.is_of(held.action):
            return OVERTAKEN
        command = ActivateSecret(waiting.action_id, waiting.name, waiting.version)
        events = decide(held.ring, command, context.now)
        if isinstance(events, Rejected):
            return events
        if not events:
            return OVERTAKEN
        return self._proposal(held, events, "", context)

    async def _propose_retirement(self, name: str, context: Context) -> Proposal[SecretRing] | Rejected:
        held = await self._held(context.project, name)
        if held is None:
            return NO_ACTION
        ring = held.ring.at(context.now)
        if ring == held.ring:
            return Proposal([], [], ring)
        return Proposal(_announced(held, held.action, ring, context), ring_parts(held.action.action_id, ring), ring)

    async def _held(self, project: str, name: str) -> _Held | None:
        state_sequence = await self._commits.last_sequence(state_stream(project, name))
        known = await self.ring(project, name)
        if known is None:
            return None
        return _Held(*known, await self._commits.last_sequence(known[0].action_id), state_sequence)

    def _proposal(self, held: _Held, events: Sequence[Change], sealed: str, context: Context) -> Proposal[Secret]:
        before = held.action
        key = action_key(before.project, before.name)
        said = entries(context, before.action_id, held.sequence, key, events)
        ring = held.ring
        for one in said:
            ring = evolve_ring(ring, one.event, sealed)
        action = fold(evolve, before, [one.event for one in said])
        assert action is not None, "expected an action that is there to stay"
        announced = _announced(held, action, ring, context)
        parts = [_version_part(before, action), *ring_parts(action.action_id, ring)]
        newest = next(one for one in ring.secrets if one.version == events[-1].secret_version)
        return Proposal([*said, *announced], parts, newest)


def _announced(held: _Held, action: Action, ring: SecretRing, context: Context) -> list[Entry]:
    """The state of the action that follows upon its last one."""
    state = announcement(action, *said_secrets(ring))
    return entries(context, state_stream(action.project, action.name), held.state_sequence, action.key, [state])


def _version_part(before: Action, action: Action) -> Part:
    args = (action.action_id, action.secret_version, action.updated_at, action.version, before.version)
    return Part("secret_version_set", QUERIES["set_secret_version"], args, expect=1)
