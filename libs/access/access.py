"""Answers the door's questions from replicas of the catalog's topics."""

from collections.abc import Sequence
from datetime import datetime

from libs.access.keys import KeyRing
from libs.access.projects import ARCHIVED, is_open
from libs.chassis.bus.looks import Look, SharedLooks
from libs.chassis.bus.replica import Fed, Replica
from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import Principal
from libs.contracts.api_keys import token_sha256
from libs.contracts.events.catalog import ApiKeyState, ProjectState
from libs.contracts.topics import topic_for

KEYS = topic_for("catalog", ApiKeyState.type).name
PROJECTS = topic_for("catalog", ProjectState.type).name


class Access:
    """The `Authenticator` and the `ProjectDirectory` of a service. Give `replicas` to its `StateReader`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ring = KeyRing()
        self._looks: SharedLooks | None = None
        self.uses: dict[str, datetime] = {}
        """When each key was let in last, since that was announced."""
        self.keys = Replica(KEYS, ApiKeyState, self._ring.take)
        self.projects = Replica(PROJECTS, ProjectState)

    @property
    def replicas(self) -> Sequence[Fed]:
        """What has to be fed."""
        return (self.keys, self.projects)

    def read_with(self, catch_up: Look) -> None:
        """How to read to the topics' present end: the reader's `catch_up`."""
        self._looks = SharedLooks(catch_up)

    @property
    def version(self) -> int:
        """Changes whenever the answer for any key may change, also because of its project."""
        return self._ring.version(self._clock.now()) + self.projects.version

    def knows(self, sha256: str) -> bool:
        """Whether a key with this hash was ever announced, whatever has become of it."""
        return self._ring.knows(sha256)

    async def principal(self, token: str) -> Principal | None:
        """Who holds this `mbx_…` token; None for an unknown, revoked or expired one."""
        sha256 = token_sha256(token)
        if not self._ring.knows(sha256):
            await self._look()
        return self._ring.find(sha256, self._clock.now())

    def used(self, principal: Principal) -> None:
        """Notes that the key was let in just now; whoever announces uses takes them from here."""
        self.uses[principal.key_id] = self._clock.now()

    async def admits(self, principal: Principal, handle: str) -> bool:
        """Whether there is such a project and it is open to this key; an archived one is still there."""
        state = self.projects.get(handle)
        if state is not None and is_open(state, principal):
            return True
        if state is None or not state.deleted:  # a deleted one never comes back
            await self._look()
            state = self.projects.get(handle)
        return state is not None and is_open(state, principal)

    async def closed(self, handle: str) -> Rejected | None:
        """The refusal of changes in an archived project. One that was just restored is open at once."""
        if not self._is_archived(handle):
            return None
        await self._look()
        return ARCHIVED if self._is_archived(handle) else None

    def _is_archived(self, handle: str) -> bool:
        state = self.projects.get(handle)
        return state is not None and state.archived

    async def _look(self) -> None:
        if self._looks is not None:
            await self._looks.look()
