"""Makes at the first start what nobody could make over HTTP: the first project, and the key that opens the door.

Done again at every start and harmless then: a project that is there stays as it is, and a key that was issued stays
issued. Another key in the settings is added beside the ones before, because a replica that was started with the old one
must not take it back, nor the new one away; keys are revoked on purpose only, and one that was revoked stays so.

An installation that nobody could ever administer is not set up: without an administrator's key, in the settings or from
before, the start is refused. A key is never made up here, because it would have to be told, and logs are no place.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.ids import derived_id, new_id
from libs.chassis.journal.entry import Context
from libs.chassis.telemetry.logging import get_logger
from libs.contracts.api_keys import token_sha256
from services.catalog.domain.keys import ApiKey, CreateApiKey
from services.catalog.domain.project_commands import CreateProject
from services.catalog.domain.projects import Project
from services.catalog.store.keys import Keys
from services.catalog.store.projects import Projects

BOOTSTRAP_KEY_NAME = "bootstrap"
KNOWN_WITHIN = timedelta(seconds=60)
LOOK_AGAIN = timedelta(milliseconds=20)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FirstThings:
    """The handle of the first project, and the first key, if there is to be one."""

    project: str
    token: str | None


class Installer:
    """Component. Started when the first things are there and every service can know them: `is_known` says whether a
    key with this hash has come back from its topic."""

    def __init__(
        self, projects: Projects, keys: Keys, is_known: Callable[[str], bool], wanted: FirstThings, clock: Clock
    ) -> None:
        self._projects = projects
        self._keys = keys
        self._is_known = is_known
        self._wanted = wanted
        self._clock = clock

    async def start(self) -> None:
        if self._wanted.token is None and not await self._keys.any_keeper():
            raise RuntimeError(
                "expected CATALOG_BOOTSTRAP_API_KEY at the first start, but it is not set; without an admin key nobody"
                " could come in"
            )
        await self._make_project(self._wanted.project)
        assert reached("project_made")
        if self._wanted.token is not None:
            await self._make_key(self._wanted.token)

    async def stop(self) -> None:
        pass

    def ready(self) -> str | None:
        return None

    async def _make_project(self, handle: str) -> None:
        command = CreateProject(new_id("prj"), name=handle, handle=handle)
        made = await self._projects.create(command, self._context(handle))
        _note("project", handle, made)

    async def _make_key(self, token: str) -> None:
        sha256 = token_sha256(token)
        key_id = derived_id("key", sha256)
        command = CreateApiKey(key_id, sha256, BOOTSTRAP_KEY_NAME, "admin")
        made = await self._keys.create(command, self._context(""))
        _note("api_key", key_id, made)
        await self._until_known(sha256)

    async def _until_known(self, sha256: str) -> None:
        """Else a broker that is slow at the first start would have the door refuse a key that was issued."""
        for _ in range(int(KNOWN_WITHIN / LOOK_AGAIN)):
            if self._is_known(sha256):
                return
            await asyncio.sleep(LOOK_AGAIN.total_seconds())
        raise RuntimeError(
            f"expected the first key on its topic within {KNOWN_WITHIN.total_seconds():.0f} s, but it is not there"
        )

    def _context(self, project: str) -> Context:
        return Context(service="catalog", project=project, now=self._clock.now())


def _note(what: str, name: str, made: Project | ApiKey | Rejected) -> None:
    if not isinstance(made, Rejected):
        log.info("first_thing_made", what=what, name=name)
    elif made.kind != "already_exists":
        raise RuntimeError(f"expected to make the first {what}, but it was refused: {made.sentence}")
