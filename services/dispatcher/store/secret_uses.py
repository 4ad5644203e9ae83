"""Which signing secrets were accepted: noted in memory by every delivery, written down once a minute by a loop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.chassis.clock import Clock
from libs.chassis.db.errors import Unavailable
from libs.chassis.db.link import Link
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.journal.store import load_last
from libs.contracts.envelope import Event
from libs.contracts.events.catalog import ActionState
from libs.contracts.events.dispatcher import SecretUseState
from libs.contracts.payload import Payload
from services.dispatcher.domain.secret_use import NOTED_EVERY, Acceptance
from services.dispatcher.store.actions import Endpoint
from services.dispatcher.store.writer import Writer

SERVICE = "dispatcher"
TRIES = 5

Key = tuple[str, str]
"""Project and name of an action."""

Change = Callable[[SecretUseState | None, ActionState], SecretUseState | None]
"""From what is known to what is known then; None where nothing is to be written."""


@dataclass(frozen=True, slots=True)
class _Noted:
    action_id: str
    versions: tuple[int, ...]
    again_at: datetime


class SecretUses:
    """What deliveries saw and nobody has written down yet. A delivery costs two look-ups, and no statement."""

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
        """What could not be written down, unless something newer was seen meanwhile."""
        self._seen = {**taken, **self._seen}


class SecretUseStates:
    """The states that are announced: each change is made to the last one, again when somebody else was faster."""

    def __init__(self, link: Link, writer: Writer, actions: Mapping[str, ActionState], clock: Clock) -> None:
        self._link = link
        self._writer = writer
        self._actions = actions
        self._clock = clock

    async def known(self, keys: "list[Key]") -> Mapping[Key, SecretUseState]:
        """What was said last."""
        last = await load_last(self._link, [_stream(key) for key in keys])
        return {key: state for key in keys if (state := _state(last.get(_stream(key)))) is not None}

    async def change(self, changes: Mapping[Key, Change]) -> None:
        """Raises `Unavailable` when the database is away, or when others keep writing first."""
        for _ in range(TRIES):
            last = await load_last(self._link, [_stream(key) for key in changes])
            entries = [
                said
                for key, change in changes.items()
                if (said := self._entry(key, change, last.get(_stream(key)))) is not None
            ]
            if not entries:
                return
            written = await self._writer.write([], entries)
            assert reached("secret_use_recorded")
            if written:
                return
        raise Unavailable(f"expected to write within {TRIES} tries, but others wrote first each time")

    def _entry(self, key: Key, change: Change, last: Event[Payload] | None) -> Entry | None:
        action = self._actions.get("/".join(key))
        if action is None or action.deleted:
            return None
        state = change(_state(last), action)
        if state is None:
            return None
        context = Context(service=SERVICE, project=action.project, now=self._clock.now(), actor="mobius")
        return entry(context, _stream(key), 1 if last is None else last.sequence + 1, "/".join(key), state)


def _stream(key: Key) -> str:
    return f"secret-use/{'/'.join(key)}"


def _state(event: Event[Payload] | None) -> SecretUseState | None:
    return event.data if event is not None and isinstance(event.data, SecretUseState) else None
