"""API keys over HTTP: issue, look at, revoke. An administrator of a project knows the keys of that project only."""

import os
from collections.abc import Callable
from datetime import datetime

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import (
    NOT_FOUND,
    Answer,
    Call,
    Empty,
    Json,
    ProjectDirectory,
    decode_moment,
    encode_moment,
)
from libs.chassis.http.errors import forbidden
from libs.chassis.ids import new_id
from libs.contracts.api_keys import TOKEN_BYTES, new_token, token_sha256
from services.catalog.api.calls import Body, ProjectFinder, Query, context_of
from services.catalog.api.key_models import (
    ApiKeyListResponse,
    ApiKeyResponse,
    ApiKeysPage,
    CreateApiKeyRequest,
    CreatedApiKeyResponse,
)
from services.catalog.api.once import Once
from services.catalog.domain.keys import NO_PROJECT, ApiKey, CreateApiKey
from services.catalog.store.keys import Keys, KeySearch

NOT_EVERYWHERE = forbidden("expected a project that the new key is for, because this key is one of a project itself")
LastUse = Callable[[str], datetime | None]


class ApiKeyHandlers:
    """Answers `/api-keys`. `last_use` tells when a key was last used, anywhere."""

    def __init__(
        self,
        keys: Keys,
        once: Once,
        finder: ProjectFinder,
        directory: ProjectDirectory,
        last_use: LastUse,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._once = once
        self._finder = finder
        self._directory = directory
        self._last_use = last_use
        self._clock = clock

    async def create(self, call: Call[CreateApiKeyRequest, None]) -> Answer:
        """201 with the key, this once."""
        scope = await self._scope(call)
        if isinstance(scope, Rejected):
            return scope
        project = await self._project(call)
        if isinstance(project, Rejected):
            return project
        token = new_token(os.urandom(TOKEN_BYTES))
        body, maker = call.body, await self._keys.find(call.principal.key_id)
        command = CreateApiKey(
            key_id=new_id("key"),
            token_sha256=token_sha256(token),
            name=body.name,
            role=body.role,
            project=project,
            expires_at=body.expires_at,
            maker_ends_at=None if maker is None else maker.expires_at,
        )
        context = context_of(call, self._clock, project or "")
        return await self._once.settle(
            call,
            lambda: self._keys.propose_new(command, context),
            lambda key: Json(201, CreatedApiKeyResponse(**self._view(key).model_dump(), key=token)),
        )

    async def list(self, call: Call[None, ApiKeysPage]) -> Answer:
        """One page, newest first."""
        query, scope = call.query, await self._scope(call)
        if isinstance(scope, Rejected):
            return scope
        before = None if query.cursor is None else decode_moment(query.cursor)
        if isinstance(before, Rejected):
            return before
        if query.project is not None:
            project = await self._finder.find(call, query.project)
            if isinstance(project, Rejected):
                return project
            scope = project.handle
        search = KeySearch(self._clock.now(), scope, query.status, before)
        found = await self._keys.page(search, query.limit + 1)
        page, more = found[: query.limit], len(found) > query.limit
        cursor = encode_moment(page[-1].created_at, page[-1].key_id) if more else None
        items = [self._view(key) for key in page]
        return Json(200, ApiKeyListResponse(items=items, next_cursor=cursor, has_more=more))

    async def get(self, call: Call[None, None]) -> Answer:
        """200 with all but the key, or 404."""
        key = await self._reached(call)
        return key if isinstance(key, Rejected) else Json(200, self._view(key))

    async def revoke(self, call: Call[None, None]) -> Answer:
        """204, now or before; 409 for the last one that can always make others."""
        key = await self._reached(call)
        if isinstance(key, Rejected):
            return key
        ended = await self._keys.revoke(key.key_id, context_of(call, self._clock, key.project or ""))
        return ended if isinstance(ended, Rejected) else Empty(204)

    async def _scope(self, call: Call[Body, Query]) -> str | Rejected | None:
        """The one project whose keys the caller may see; None: all."""
        handle = call.principal.project
        if handle is None or await self._directory.admits(call.principal, handle):
            return handle
        return NOT_FOUND

    async def _project(self, call: Call[CreateApiKeyRequest, None]) -> str | Rejected | None:
        """The handle that the new key is bound to."""
        if call.body.project is None:
            return None if call.principal.project is None else NOT_EVERYWHERE
        project = await self._finder.find(call, call.body.project)
        return NO_PROJECT if isinstance(project, Rejected) else project.handle

    async def _reached(self, call: Call[None, None]) -> ApiKey | Rejected:
        scope = await self._scope(call)
        if isinstance(scope, Rejected):
            return scope
        key = await self._keys.find(call.params["id"])
        return NOT_FOUND if key is None or scope not in (None, key.project) else key

    def _view(self, key: ApiKey) -> ApiKeyResponse:
        return ApiKeyResponse(
            id=key.key_id,
            name=key.name,
            role=key.role,
            project=key.project,
            status=key.status(self._clock.now()),
            created_by=key.created_by,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=self._last_use(key.key_id),
        )
