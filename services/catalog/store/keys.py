"""API keys: issued, revoked, found, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, Entry, entries
from services.catalog.domain.keys import (
    ApiKey,
    CreateApiKey,
    KeyStatus,
    RevokeApiKey,
    announcement,
    decide,
    evolve,
    state_stream,
)
from services.catalog.store.commits import Commits, Proposal

QUERIES = load_queries(__package__)
NONE_YET, ISSUED = 0, 1
"""Sequences of a key's stream: it is issued, and then at most revoked."""


@dataclass(frozen=True, slots=True)
class KeySearch:
    """Which keys. `project` None: all. `before`: when the last one of the page before was made, and its id."""

    now: datetime
    project: str | None = None
    status: KeyStatus | Literal["all"] = "all"
    before: tuple[datetime, str] | None = None


class Keys:
    """Commands go through `commits`, queries through `reads`. All raise `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, commits: Commits) -> None:
        self._reads = reads
        self._commits = commits

    async def create(self, command: CreateApiKey, context: Context) -> ApiKey | Rejected:
        """Issues a key; known to every service when this returns."""
        return await self._commits.settle(lambda: self.propose_new(command, context))

    async def revoke(self, key_id: str, context: Context) -> ApiKey | Rejected:
        """Ends a key; answers it as it is then, revoked now or before."""
        return await self._commits.settle(lambda: self.propose_end(key_id, context))

    async def find(self, key_id: str) -> ApiKey | None:
        """By its id, valid or not."""
        row = await self._reads.row(QUERIES["find_api_key"], key_id)
        return None if row is None else _key_of(row)

    async def page(self, search: KeySearch, most: int) -> list[ApiKey]:
        """Newest first."""
        since, after = search.before or (None, None)
        rows = await self._reads.rows(
            QUERIES["list_api_keys"], search.project, since, after, search.status, search.now, most
        )
        return [_key_of(row) for row in rows]

    async def of_installation(self, now: datetime, most: int) -> list[str]:
        """Ids of the valid keys that are bound to no project."""
        return [row["key_id"] for row in await self._reads.rows(QUERIES["list_keys_of_installation"], now, most)]

    async def valid(self, key_ids: Sequence[str], now: datetime) -> set[str]:
        """Those of the ids whose keys are neither revoked nor expired."""
        return {row["key_id"] for row in await self._reads.rows(QUERIES["find_valid_keys"], key_ids, now)}

    async def any_keeper(self, but: str = "") -> bool:
        """Whether there is a key, other than `but`, that can always make others."""
        return await self._reads.row(QUERIES["find_another_admin"], but) is not None

    async def born_after(self, project: str, key_id: str, now: datetime, most: int) -> list[ApiKey]:
        """The valid keys of a project itself by their ids, from behind this one on."""
        rows = await self._reads.rows(QUERIES["list_born_members"], project, key_id, now, most)
        return [_key_of(row) for row in rows]

    async def any_born(self, project: str, now: datetime) -> bool:
        """Whether the project has a valid key of its own."""
        return bool(await self.born_after(project, "", now, 1))

    async def propose_new(self, command: CreateApiKey, context: Context) -> Proposal[ApiKey] | Rejected:
        """What issuing it would commit."""
        row = await self._reads.row(QUERIES["find_api_key_by_hash"], command.token_sha256)
        events = decide(None if row is None else _key_of(row), command, context.now)
        if isinstance(events, Rejected):
            return events
        said = entries(context, command.key_id, NONE_YET, command.key_id, events)
        key = evolve(None, said[0].event, command.token_sha256)
        assert key is not None, "expected api_key.created to make a key"
        return await self._proposal(key, said, [_insert(key)], context)

    async def propose_end(self, key_id: str, context: Context) -> Proposal[ApiKey] | Rejected:
        """What revoking would commit; beside it stands that another administrator's key is left, should it need one."""
        before = await self.find(key_id)
        events = decide(before, RevokeApiKey(await self.any_keeper(but=key_id)), context.now)
        if isinstance(events, Rejected):
            return events
        assert before is not None, "expected a refusal where there is no key"
        said = entries(context, key_id, ISSUED, key_id, events)
        key = fold(evolve, before, [entry.event for entry in said])
        assert key is not None, "expected a revoked key to be still known"
        if not said:
            return Proposal([], [], key)
        parts = [Part("api_key_revoked", QUERIES["revoke_api_key"], (key_id, key.revoked_at))]
        if before.keeps_the_door:
            parts.append(Part("another_admin_kept", QUERIES["keep_another_admin"], (key_id,), expect=1))
        return await self._proposal(key, said, parts, context)

    async def _proposal(self, key: ApiKey, said: list[Entry], parts: list[Part], context: Context) -> Proposal[ApiKey]:
        stream = state_stream(key.key_id)
        last = await self._commits.last_sequence(stream)
        announced = entries(context, stream, last, key.key_id, [announcement(key)])
        return Proposal([*said, *announced], parts, key)


def _insert(key: ApiKey) -> Part:
    args = (
        key.key_id,
        key.token_sha256,
        key.name,
        key.role,
        key.project,
        key.created_at,
        key.created_by,
        key.expires_at,
    )
    return Part("api_key_inserted", QUERIES["insert_api_key"], args)


def _key_of(row: Row) -> ApiKey:
    return ApiKey(
        key_id=row["key_id"],
        token_sha256=row["token_sha256"],
        name=row["name"],
        role=row["role"],
        project=row["project"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
