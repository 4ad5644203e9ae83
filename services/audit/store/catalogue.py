"""The actions that can be named, by project, from compacted topics: what pages list without asking a table.

States come with sealed secrets and credentials. Only what may be shown is kept: a state is turned into a card as it
arrives, and let go.
"""

from bisect import bisect_left, insort
from collections.abc import Awaitable, Callable, Sequence
from heapq import merge
from typing import Generic, TypeVar

from libs.chassis.bus.replica import Fed
from libs.contracts.events.catalog import ActionState, IntegrationState
from libs.contracts.events.dispatcher import PlatformActionState, PlatformIntegrationState, SecretUseState
from libs.contracts.payload import Payload
from libs.contracts.topics import topic_for
from services.audit.domain.action_cards import (
    ActionCard,
    IntegrationCard,
    integration_card,
    platform_card,
    project_card,
    with_use,
)

State = TypeVar("State", bound=Payload)


class Feed(Generic[State]):
    """Hands on the states of one topic, and keeps none."""

    def __init__(self, speaker: str, kind: type[State], take: Callable[[State], None]) -> None:
        self.topic = topic_for(speaker, kind.type).name
        self._kind = kind
        self._take = take

    def apply(self, key: str, payload: Payload) -> None:
        """Called by the reader."""
        if not isinstance(payload, self._kind):
            raise TypeError(f"expected {self._kind.type} on {self.topic}, but got {payload.type}")
        self._take(payload)


class Shelf:
    """The cards of one project, in the order of their names."""

    def __init__(self) -> None:
        self.cards: dict[str, ActionCard] = {}
        self.names: list[str] = []

    def put(self, card: ActionCard) -> None:
        if card.name not in self.cards:
            insort(self.names, card.name)
        self.cards[card.name] = card

    def remove(self, name: str) -> None:
        if self.cards.pop(name, None) is not None:
            del self.names[bisect_left(self.names, name)]


class Catalogue:
    """Give `feeds` to the service's `StateReader`, and its `catch_up` to `read_with`."""

    def __init__(self) -> None:
        self.version = 0
        """Grows whenever a card may have changed."""
        self._shelves: dict[str, Shelf] = {}
        self._uses: dict[tuple[str, str], SecretUseState] = {}
        self._platform: dict[str, PlatformActionState] = {}
        self._integrations: dict[str, PlatformIntegrationState] = {}
        self._connected: dict[str, set[str]] = {}
        self._catch_up: Callable[[], Awaitable[None]] | None = None

    @property
    def feeds(self) -> Sequence[Fed]:
        """What has to be fed."""
        return (
            Feed("catalog", ActionState, self._noting(self._action)),
            Feed("catalog", IntegrationState, self._noting(self._connection)),
            Feed("dispatcher", PlatformActionState, self._noting(self._platform_action)),
            Feed("dispatcher", PlatformIntegrationState, self._noting(self._integration)),
            Feed("dispatcher", SecretUseState, self._noting(self._secret_use)),
        )

    def read_with(self, catch_up: Callable[[], Awaitable[None]]) -> None:
        """How to read to the topics' present end."""
        self._catch_up = catch_up

    async def catch_up(self) -> None:
        """Waits until what another service answered before is known here too. Raises `Unavailable`."""
        if self._catch_up is not None:
            await self._catch_up()

    def actions(self, project: str) -> Sequence[ActionCard]:
        """The project's own and the platform's, by name."""
        shelf, connected = self._shelves.get(project), self._connected.get(project, ())
        own = [shelf.cards[name] for name in shelf.names] if shelf else []
        provided = [platform_card(self._platform[name], connected) for name in sorted(self._platform)]
        return list(merge(own, provided, key=_name))

    def action(self, project: str, name: str) -> ActionCard | None:
        """The one that a step means by this name."""
        provided = self._platform.get(name)
        if provided is not None:
            return platform_card(provided, self._connected.get(project, ()))
        shelf = self._shelves.get(project)
        return shelf.cards.get(name) if shelf else None

    def integrations(self, project: str) -> Sequence[IntegrationCard]:
        """Those of this installation, by slug."""
        connected = self._connected.get(project, ())
        return [integration_card(self._integrations[slug], connected) for slug in sorted(self._integrations)]

    def _noting(self, take: Callable[[State], None]) -> Callable[[State], None]:
        def taken(state: State) -> None:
            take(state)
            self.version += 1

        return taken

    def _action(self, state: ActionState) -> None:
        shelf = self._shelves.setdefault(state.project, Shelf())
        if state.deleted:
            shelf.remove(state.name)
        else:
            shelf.put(project_card(state, self._uses.get((state.project, state.name))))

    def _secret_use(self, state: SecretUseState) -> None:
        self._uses[state.project, state.name] = state
        shelf = self._shelves.get(state.project)
        card = shelf.cards.get(state.name) if shelf else None
        if shelf and card:
            shelf.put(with_use(card, state))

    def _connection(self, state: IntegrationState) -> None:
        connected = self._connected.setdefault(state.project, set())
        (connected.discard if state.sealed is None else connected.add)(state.integration)

    def _platform_action(self, state: PlatformActionState) -> None:
        _keep(self._platform, state.name, state, gone=state.withdrawn)

    def _integration(self, state: PlatformIntegrationState) -> None:
        _keep(self._integrations, state.integration, state, gone=state.withdrawn)


def _keep(kept: dict[str, State], key: str, state: State, *, gone: bool) -> None:
    kept.pop(key, None)
    if not gone:
        kept[key] = state


def _name(card: ActionCard) -> str:
    return card.name
