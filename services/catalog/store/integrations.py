"""The projects' connections with integrations: made, taken back, looked at. Credentials pass through sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.payload import Payload
from services.catalog.domain.integrations import (
    Connect,
    Connection,
    announcement,
    connect,
    connection_key,
    disconnect,
    event_stream,
    evolve,
    state_stream,
)
from services.catalog.store.commits import Commits, Proposal

QUERIES = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection as it was made, and whether it is the first or took the place of another."""

    connection: Connection
    replaced: bool


class Integrations:
    """Commands go through `commits`, queries through `reads`. All raise `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, commits: Commits) -> None:
        self._reads = reads
        self._commits = commits

    async def connect(
        self, integration: str, fields: Sequence[str], sealed: str, context: Context
    ) -> Connected | Rejected:
        """Connects the context's project; the dispatcher can know when this returns."""
        return await self._commits.settle(lambda: self._propose(integration, tuple(fields), sealed, context))

    async def disconnect(self, integration: str, context: Context) -> Connection | Rejected:
        """Takes a connection back; the dispatcher can know when this returns."""
        return await self._commits.settle(lambda: self._propose_end(integration, context))

    async def all(self, project: str) -> Mapping[str, Connection]:
        """The project's connections by integration."""
        rows = await self._reads.rows(QUERIES["list_connections"], project)
        return {row["integration"]: _connection(row) for row in rows}

    async def _find(self, project: str, integration: str) -> Connection | None:
        row = await self._reads.row(QUERIES["find_connection"], project, integration)
        return None if row is None else _connection(row)

    async def _propose(
        self, integration: str, fields: tuple[str, ...], sealed: str, context: Context
    ) -> Proposal[Connected]:
        last = await self._last(integration, context)
        before = await self._find(context.project, integration)
        events = connect(Connect(integration, last + 1, fields))
        said = self._said(integration, last, events, context)
        connection = fold(evolve, before, [entry.event for entry in said])
        assert connection is not None, "expected integration.connected to make a connection"
        announced = await self._announced(connection, sealed, context)
        return Proposal([*said, *announced], [_put_part(connection, sealed)], Connected(connection, before is not None))

    async def _propose_end(self, integration: str, context: Context) -> Proposal[Connection] | Rejected:
        last = await self._last(integration, context)
        before = await self._find(context.project, integration)
        events = disconnect(before)
        if isinstance(events, Rejected):
            return events
        assert before is not None, "expected that only a connection is taken back"
        said = self._said(integration, last, events, context)
        announced = await self._announced(before, None, context)
        part = Part("connection_deleted", QUERIES["delete_connection"], (context.project, integration))
        return Proposal([*said, *announced], [part], before)

    async def _last(self, integration: str, context: Context) -> int:
        """Where the connection's events end. Read before the row, so that who writes in between is noticed."""
        return await self._commits.last_sequence(event_stream(context.project, integration))

    def _said(self, integration: str, last: int, events: Sequence[Payload], context: Context) -> list[Entry]:
        stream, key = event_stream(context.project, integration), connection_key(context.project, integration)
        return entries(context, stream, last, key, events)

    async def _announced(self, connection: Connection, sealed: str | None, context: Context) -> list[Entry]:
        stream = state_stream(connection.project, connection.integration)
        last = await self._commits.last_sequence(stream)
        return entries(context, stream, last, connection.key, [announcement(connection, sealed)])


def _put_part(connection: Connection, sealed: str) -> Part:
    args = (
        connection.project,
        connection.integration,
        connection.version,
        list(connection.fields),
        sealed,
        connection.connected_at,
        connection.connected_by,
    )
    return Part("connection_put", QUERIES["put_connection"], args)


def _connection(row: Row) -> Connection:
    return Connection(
        project=row["project"],
        integration=row["integration"],
        version=row["version"],
        fields=tuple(row["fields"]),
        connected_at=row["connected_at"],
        connected_by=row["connected_by"],
    )
