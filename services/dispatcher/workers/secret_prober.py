"""The secret prober: asks endpoints whether they accept a new signing secret, until they do.

When it asked last stands in the announced state, so that the pauses grow over restarts, and several processes ask
hardly more often than one. Two that ask at the same time do no harm: each says what it was answered.
"""

import asyncio
from functools import partial

from libs.chassis.clock import Clock
from libs.chassis.sealing import CannotOpen
from libs.contracts.events.catalog import ActionState
from libs.contracts.events.dispatcher import SecretProbe
from services.dispatcher.delivery.secret_probe import send_probe
from services.dispatcher.delivery.sender import Sender
from services.dispatcher.domain.secret_use import tries_before, with_probe
from services.dispatcher.store.actions import ActionBook
from services.dispatcher.store.secret_uses import Key, SecretUseStates

MOST_AT_ONCE = 16
"""Probes that are under way at one time."""


class PendingSecrets:
    """The actions whose new secret waits for its proof. `take` hears every change of an action's state."""

    def __init__(self) -> None:
        self.actions: dict[Key, ActionState] = {}

    def take(self, action: ActionState) -> None:
        """Keeps it as long as something waits."""
        key = (action.project, action.name)
        if action.pending_secret is None or action.deleted:
            self.actions.pop(key, None)
        else:
            self.actions[key] = action


class SecretProber:
    """One step of the loop; answers whether there may be more."""

    def __init__(
        self, pending: PendingSecrets, book: ActionBook, sender: Sender, states: SecretUseStates, clock: Clock
    ) -> None:
        self._pending = pending
        self._book = book
        self._sender = sender
        self._states = states
        self._clock = clock

    async def step(self) -> bool:
        if not self._pending.actions:
            return False
        due = await self._due()
        fewest_tries_first = sorted(due.items(), key=lambda item: item[1][1])
        chosen = dict(fewest_tries_first[:MOST_AT_ONCE])
        probes = await asyncio.gather(*(self._probe(action, tries) for action, tries in chosen.values()))
        if probes:
            asked = zip(chosen.items(), probes, strict=True)
            changes = {key: partial(with_probe, probe, action) for (key, (action, _)), probe in asked}
            await self._states.change(changes)
        return len(due) > len(chosen)

    async def _due(self) -> dict[Key, tuple[ActionState, int]]:
        """What is to be probed now, and how often it was before."""
        waiting = dict(self._pending.actions)
        known = await self._states.known(list(waiting))
        now = self._clock.now()
        return {
            key: (action, tries)
            for key, action in waiting.items()
            if (tries := tries_before(known.get(key), action, now)) is not None
        }

    async def _probe(self, action: ActionState, tries: int) -> SecretProbe:
        pending, now = action.pending_secret, self._clock.now()
        assert pending is not None, "expected only actions with a secret that waits"
        try:
            secret = self._book.opened(action, pending.version, pending.sealed)
        except CannotOpen as error:
            told = f"secret_not_opened: {error}"
            return SecretProbe(
                version=pending.version, at=now, tries=tries + 1, error=told, endpoint_url=action.endpoint_url
            )
        return await send_probe(self._sender, action, pending.version, secret, tries + 1, now)
