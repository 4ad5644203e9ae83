"""Which signing secrets were accepted: noted in memory by every delivery, said once a minute by a loop."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.chassis.bus.looks import Look
from libs.chassis.bus.state_speaker import Said, StateSpeaker
from libs.chassis.clock import Clock
from libs.chassis.failpoints import reached
from libs.contracts.events.catalog import ActionState
from libs.contracts.events.dispatcher import SecretUseState
from services.dispatcher.domain.secret_use import NOTED_EVERY, Acceptance
from services.dispatcher.store.actions import ActionBook, Endpoint

Key = tuple[str, str]
"""Project and name of an action."""

Change = Callable[[SecretUseState | None, ActionState], SecretUseState | None]
"""From what is known to what is known then; None where nothing is to be said."""


@dataclass(frozen=True, slots=True)
class _Noted:
    action_id: str
    versions: tuple[int, ...]
    again_at: datetime


class SecretUses:
    """What deliveries saw and nobody has said yet. A delivery costs two look-ups, and no statement."""

    def __init__(self, clock: Clock, first_seen: Callable[[], None]) -> None:
        """`first_seen` is called when signers were accepted that were not before."""
        self._clock = clock
        self._first_seen = first_seen
        self._noted: dict[Key, _Noted] = {}
        self._seen: dict[Key, Acceptance] = {}

    def note(self, project: str, action: str, endpoint: Endpoint) -> None:
        """The endpoint has accepted a request that all of its secrets signed."""
        now, key = self._clock.now(), (project, action)
        before = self._noted.get(key)
        is_known = before is not None and (before.action_id, before.versions) == (endpoint.action_id, endpoint.versions)
        if is_known and before is not None and now < before.again_at:
            return
        self._noted[key] = _Noted(endpoint.action_id, endpoint.versions, now + NOTED_EVERY)
        self._seen[key] = Acceptance(endpoint.versions, now, endpoint.action_id)
        if not is_known:
            self._first_seen()

    def take(self, most: int) -> Mapping[Key, Acceptance]:
        """What was seen, at most so many actions of it; it is the caller's from now on."""
        taken = {key: self._seen[key] for key in list(self._seen)[:most]}
        for key in taken:
            del self._seen[key]
        return taken

    def put_back(self, taken: Mapping[Key, Acceptance]) -> None:
        """What could not be said, unless something newer was seen meanwhile."""
        self._seen = {**taken, **self._seen}


class SecretUseStates:
    """The states that are announced: each change is made to what was said last, here or elsewhere.

    Two processes that speak within the same milliseconds do not see each other's word, and the later one stands. What
    is lost by that is noted again by the next delivery after a minute, or asked again by the next probe.
    """

    def __init__(self, speaker: StateSpeaker, told: Mapping[str, SecretUseState], book: ActionBook, look: Look) -> None:
        """`told` is the replica of what was said. `look` brings it, and the book's, up to date."""
        self._speaker = speaker
        self._told = told
        self._book = book
        self._look = look
        self._turn = asyncio.Lock()

    async def known(self, keys: Iterable[Key]) -> Mapping[Key, SecretUseState]:
        """What was said last. Raises `Unavailable` when the broker is away."""
        await self._look()
        return {key: state for key in keys if (state := self._told.get("/".join(key))) is not None}

    async def change(self, changes: Mapping[Key, Change]) -> None:
        """One after the other. Raises `Unavailable` when the broker is away; then some may have been said."""
        async with self._turn:
            known = await self.known(changes)
            changed = [self._changed(key, change, known.get(key)) for key, change in changes.items()]
            await self._speaker.say([said for said in changed if said is not None])
            assert reached("secret_use_recorded")

    def _changed(self, key: Key, change: Change, known: SecretUseState | None) -> Said | None:
        action = self._book.state(*key)
        state = None if action is None else change(known, action)
        return None if state is None else Said("/".join(key), key[0], state)
