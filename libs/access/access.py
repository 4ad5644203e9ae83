"""Answers the door's two questions from replicas of the catalog's topics."""

from collections.abc import Sequence

from libs.access.keys import KeyRing
from libs.access.looks import Look, SharedLooks
from libs.access.misses import RecentMisses
from libs.chassis.bus.replica import Fed, Replica
from libs.chassis.clock import Clock
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
        self._misses = RecentMisses()
        self._looks: SharedLooks | None = None
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
        """Changes whenever any key's answer may change."""
        return self._ring.version(self._clock.now())

    async def principal(self, token: str) -> Principal | None:
        """Who holds this `mbx_…` token; None for an unknown, revoked or expired one."""
        sha256 = token_sha256(token)
        if not self._ring.knows(sha256):
            await self._look_for(sha256)
        return self._ring.find(sha256, self._clock.now())

    async def exists(self, handle: str) -> bool:
        """Whether there is such a project; an archived one is still there."""
        if handle not in self.projects:
            await self._look_for(f"project/{handle}")
        return handle in self.projects

    async def _look_for(self, name: str) -> None:
        if self._looks is None or self._misses.has(name, self._clock.now()):
            return
        await self._looks.look()
        self._misses.add(name, self._clock.now())
