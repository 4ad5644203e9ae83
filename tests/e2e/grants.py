"""Projects and keys beyond the first ones. They are said on the catalog's topics, as the catalog says its own."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from libs.chassis.bus.producer import Producer
from libs.chassis.ids import new_id
from libs.contracts.api_keys import TOKEN_BYTES, new_token, token_sha256
from libs.contracts.events.catalog import ApiKeyState, ProjectState, Role
from tests.integration.dispatcher.speaking import Speaker


@dataclass(frozen=True)
class Grants:
    """Makes keys of one project."""

    speaker: Speaker
    project: str

    async def open_project(self) -> None:
        await self._say(self.project, ProjectState(project_id=new_id("prj"), handle=self.project, name=self.project))

    async def key(self, role: Role) -> tuple[str, ApiKeyState]:
        """The token of a new key, and its state."""
        token = new_token(os.urandom(TOKEN_BYTES))
        state = ApiKeyState(
            key_id=new_id("key"), token_sha256=token_sha256(token), name=role, role=role, project=self.project
        )
        await self._say(state.key_id, state)
        return token, state

    async def revoke(self, key: ApiKeyState) -> None:
        await self._say(key.key_id, key.model_copy(update={"revoked": True}))

    async def _say(self, key: str, state: ProjectState | ApiKeyState) -> None:
        await self.speaker.say("catalog", f"granted/{key}", key, state)


@asynccontextmanager
async def granting(bootstrap: str, project: str) -> AsyncIterator[Grants]:
    """The project exists from the beginning of the block on."""
    producer = Producer(bootstrap, "e2e-grants")
    await producer.start()
    try:
        grants = Grants(Speaker(producer, project), project)
        await grants.open_project()
        yield grants
    finally:
        await producer.stop()
