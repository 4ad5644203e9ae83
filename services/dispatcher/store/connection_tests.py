"""How connections fared when they were tried: an event for those who listen, and the latest for the catalog."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import run
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.journal.store import append_parts
from libs.chassis.outbox.relay import Relay
from libs.contracts.events.dispatcher import ConnectionTestState, IntegrationTested

QUERIES = load_queries(__package__)
TRIES = 5


@dataclass(frozen=True, slots=True)
class Tested:
    """One trial. `connection_version` None: the installation's own credentials were tried."""

    integration: str
    connection_version: int | None
    passed: bool
    error_type: str | None = None
    error_message: str | None = None


class ConnectionTests:
    """Records trials; a recorded one is known to the catalog when `record` returns, unless the broker is away."""

    def __init__(self, link: Link, relay: Relay, publish_within: timedelta) -> None:
        self._link = link
        self._relay = relay
        self._publish_within = publish_within

    async def record(self, tested: Tested, context: Context) -> None:
        """Raises `Unavailable` when the database is away, or when others keep writing first."""
        for _ in range(TRIES):
            entries = await self._entries(tested, context)
            self._relay.ensure_room()
            try:
                await run(self._link, append_parts(entries))
                assert reached("connection_tested")
            except Conflict:
                continue
            await self._relay.published(entries, self._publish_within)
            return
        raise Unavailable(f"expected to record a trial within {TRIES} tries, but others wrote first each time")

    async def _entries(self, tested: Tested, context: Context) -> Sequence[Entry]:
        key = f"{context.project}/{tested.integration}"
        streams = (f"integration-test/{key}", f"connection-test-state/{key}")
        rows = await self._link.rows(QUERIES["last_sequences"], list(streams))
        last = {row["stream"]: int(row["seq"]) for row in rows}
        payloads = (_said(tested), _state(tested, context))
        return [
            entry(context, stream, last.get(stream, 0) + 1, key, payload)
            for stream, payload in zip(streams, payloads, strict=True)
        ]


def _said(tested: Tested) -> IntegrationTested:
    return IntegrationTested(
        integration=tested.integration,
        connection_version=tested.connection_version,
        passed=tested.passed,
        error_type=tested.error_type,
        error_message=tested.error_message,
    )


def _state(tested: Tested, context: Context) -> ConnectionTestState:
    return ConnectionTestState(
        project=context.project,
        integration=tested.integration,
        connection_version=tested.connection_version,
        passed=tested.passed,
        error_type=tested.error_type,
        error_message=tested.error_message,
        tested_at=context.now,
        tested_by=context.actor or "",
    )
