"""The platform announcer: says which integrations and actions there are here, at the start, if that changed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeAlias

from libs.chassis.clock import Clock
from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import run
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.journal.store import append_parts, load_streams
from libs.chassis.outbox.relay import Relay
from libs.contracts.envelope import Event
from libs.contracts.events.dispatcher import PlatformActionState, PlatformIntegrationState
from libs.contracts.payload import Payload
from services.dispatcher.delivery.integrations.port import Integration, IntegrationAction
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry

QUERIES = load_queries("services.dispatcher.store")
SERVICE = "dispatcher"
TRIES = 5

State: TypeAlias = PlatformActionState | PlatformIntegrationState


def action_state(integration: Integration, action: IntegrationAction) -> PlatformActionState:
    """What the others are told about one action. `available`: also for projects without a connection."""
    return PlatformActionState(
        name=action.name,
        integration=integration.slug,
        title=action.title,
        description=action.description,
        input_schema=action.input_schema,
        output_schema=action.output_schema,
        annotations=action.annotations,
        available=integration.default is not None or not _needs_connection(integration),
    )


def integration_state(integration: Integration) -> PlatformIntegrationState:
    """What the catalog is told about one integration."""
    connecting = integration.connecting
    return PlatformIntegrationState(
        integration=integration.slug,
        title=integration.title,
        description=integration.description,
        credentials_schema=None if connecting is None else connecting.schema,
        connect_help="" if connecting is None else connecting.help,
        needs_connection=_needs_connection(integration),
        has_default=integration.default is not None,
    )


class PlatformAnnouncer:
    """Component. Compares what is offered with what was said last, and says the difference. What was offered and is no
    longer is withdrawn."""

    def __init__(self, link: Link, relay: Relay, clock: Clock, registry: IntegrationRegistry) -> None:
        self._link = link
        self._relay = relay
        self._clock = clock
        self._registry = registry
        self._said = False

    async def start(self) -> None:
        """Raises `Unavailable` when the database is away, or when others keep saying something else first."""
        for _ in range(TRIES):
            try:
                await self._announce()
            except Conflict:
                continue
            self._said = True
            return
        raise Unavailable(f"expected to announce the platform within {TRIES} tries, but others wrote first each time")

    async def stop(self) -> None:
        """Nothing is held."""

    def ready(self) -> str | None:
        return None if self._said else "the platform actions are not announced yet"

    async def _announce(self) -> None:
        entries = await self._differences()
        if entries:
            await run(self._link, append_parts(entries))
            assert reached("platform_announced")
            await self._relay.published(entries, timedelta(seconds=5))

    async def _differences(self) -> list[Entry]:
        offered = dict(self._offered())
        said = [row["stream"] for row in await self._link.rows(QUERIES["find_announced"])]
        streams = await load_streams(self._link, [*offered, *(stream for stream in said if stream not in offered)])
        wanted = {stream: offered.get(stream) or _withdrawn(events) for stream, events in streams.items()}
        return [
            self._entry(stream, streams[stream], state)
            for stream, state in wanted.items()
            if not streams[stream] or streams[stream][-1].data != state
        ]

    def _offered(self) -> Iterator[tuple[str, State]]:
        for integration in self._registry.integrations():
            yield f"platform-integration/{integration.slug}", integration_state(integration)
        for bound in self._registry.all():
            yield f"platform-action/{bound.action.name}", action_state(bound.integration, bound.action)

    def _entry(self, stream: str, before: list[Event[Payload]], state: State) -> Entry:
        context = Context(service=SERVICE, project="", now=self._clock.now(), actor="mobius")
        key = state.name if isinstance(state, PlatformActionState) else state.integration
        return entry(context, stream, len(before) + 1, key, state)


def _withdrawn(events: list[Event[Payload]]) -> State:
    last = events[-1].data
    assert isinstance(last, PlatformActionState | PlatformIntegrationState), "expected only states in their streams"
    return last.model_copy(update={"withdrawn": True})


def _needs_connection(integration: Integration) -> bool:
    return integration.connecting is not None and integration.connecting.required
