"""The platform announcer: says which platform actions can be executed here, at the start, if that changed."""

from datetime import timedelta

from libs.chassis.clock import Clock
from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.db.statement import run
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.journal.store import append_parts, load_streams
from libs.chassis.outbox.relay import Relay
from libs.contracts.envelope import Event
from libs.contracts.events.dispatcher import PlatformActionState
from libs.contracts.payload import Payload
from services.dispatcher.delivery.integrations.port import Integration
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry

SERVICE = "dispatcher"
TRIES = 5


def state_of(integration: Integration, name: str) -> PlatformActionState:
    """What the catalog is told about one action."""
    action = next(action for action in integration.actions if action.name == name)
    return PlatformActionState(
        name=action.name,
        integration=integration.slug,
        title=action.title,
        description=action.description,
        input_schema=action.input_schema,
        output_schema=action.output_schema,
        annotations=action.annotations,
        available=integration.available,
    )


class PlatformAnnouncer:
    """Component. Compares what is offered with what was said last, and says the difference."""

    def __init__(self, link: Link, relay: Relay, clock: Clock, registry: IntegrationRegistry) -> None:
        self._link = link
        self._relay = relay
        self._clock = clock
        self._registry = registry
        self._said = False

    async def start(self) -> None:
        for _ in range(TRIES):
            try:
                entries = await self._differences()
                if entries:
                    await run(self._link, append_parts(entries))
                    assert reached("platform_announced")
                    await self._relay.published(entries, timedelta(seconds=5))
                break
            except Conflict:
                continue
        self._said = True

    async def stop(self) -> None:
        """Nothing is held."""

    def ready(self) -> str | None:
        return None if self._said else "the platform actions are not announced yet"

    async def _differences(self) -> list[Entry]:
        offered = {
            f"platform-action/{bound.action.name}": state_of(bound.integration, bound.action.name)
            for bound in self._registry.all()
        }
        streams = await load_streams(self._link, list(offered))
        return [
            self._entry(stream, streams[stream], state)
            for stream, state in offered.items()
            if not streams[stream] or streams[stream][-1].data != state
        ]

    def _entry(self, stream: str, before: list[Event[Payload]], state: PlatformActionState) -> Entry:
        context = Context(service=SERVICE, project="", now=self._clock.now(), actor="mobius")
        return entry(context, stream, len(before) + 1, state.name, state)
