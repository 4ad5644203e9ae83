"""The session book: who was seen, in memory, with the table behind it for other replicas and for restarts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from libs.chassis.clock import Clock
from libs.chassis.db.link import Link, Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.ids import new_id
from services.dispatcher.domain.sessions import Session

QUERIES = load_queries(__package__)

Key = tuple[str, str]
"""Project and worker instance id."""
Action = tuple[str, str]
"""Project and name."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a claim says about its worker. `token` is the proof of it."""

    project: str
    worker_instance_id: str
    token: str
    concurrency_limit: int
    name: str | None
    version: str | None
    queues: tuple[str, ...]
    actions: tuple[str, ...]
    api_key_id: str


def conflict(instance_id: str) -> Rejected:
    """Two live processes with one instance id."""
    sentence = (
        f"expected one live process with worker_instance_id {instance_id!r}, but another one is polling under a"
        " different worker_session_token: give each process its own id, or wait until the other one is gone"
    )
    return Rejected("already_exists", sentence, field="worker_instance_id", code="worker_instance_conflict")


class SessionBook:
    """Component. Who polls. `meet` answers a refusal only to the second live process of one instance id."""

    def __init__(self, reads: Reads, link: Link, clock: Clock, *, takeover: timedelta, live_for: timedelta) -> None:
        self._reads = reads
        self._link = link
        self._clock = clock
        self._takeover = takeover
        self._live_for = live_for
        self._write_every = min(takeover, live_for) / 4
        self._own: dict[Key, Session] = {}
        self._written: dict[Key, datetime] = {}
        self._listing: dict[Action, dict[Key, None]] = {}
        self._elsewhere: dict[Action, datetime] = {}
        self._parked: dict[Key, int] = {}
        self._loaded = False

    async def start(self) -> None:
        """Who listed what before this process began has to be known before the courier looks for jobs."""
        await self.exchange()
        self._loaded = True

    async def stop(self) -> None:
        pass

    def ready(self) -> str | None:
        return None if self._loaded else "the workers' sessions are not loaded yet"

    async def meet(self, intro: Introduction) -> Rejected | None:
        """Registers a worker at its first claim, or when what it says about itself changed; else only remembers it."""
        key = (intro.project, intro.worker_instance_id)
        known = self._own.get(key)
        now = self._clock.now()
        if known is None or not _same(known, intro) or not known.is_live(now, self._takeover):
            row = await self._reads.row(QUERIES["register_session"], *_register_args(intro), self._takeover)
            assert reached("session_registered")
            self._forget(key)
            if row is None:
                return conflict(intro.worker_instance_id)
            known = _introduced(intro, row)
            self._written[key] = now
            for action in intro.actions:
                self._listing.setdefault((intro.project, action), {})[key] = None
        self._own[key] = replace(known, last_seen_at=now)
        return None

    def park(self, key: Key) -> None:
        """A long poll of this worker is open: it is alive as long as it is."""
        self._parked[key] = self._parked.get(key, 0) + 1

    def unpark(self, key: Key) -> None:
        self._parked[key] -= 1
        if not self._parked[key]:
            del self._parked[key]
        self.beat(*key)

    def beat(self, project: str, worker_instance_id: str) -> None:
        """A heartbeat is a sign of life too."""
        known = self._own.get((project, worker_instance_id))
        if known is not None:
            self._own[(project, worker_instance_id)] = replace(known, last_seen_at=self._clock.now())

    def is_listed(self, project: str, action: str) -> bool:
        """Whether a live worker listed this action, here or at another replica."""
        now = self._clock.now()
        seen = self._elsewhere.get((project, action))
        if seen is not None and now - seen <= self._live_for:
            return True
        keys = self._listing.get((project, action), ())
        return any(key in self._parked or self._own[key].is_live(now, self._live_for) for key in keys)

    async def exchange(self) -> bool:
        """Writes who was seen and reads what others list. A step of a loop: there is never more.

        Each worker is written at a fraction of the time after which it counts as silent, and once more after it was
        seen for the last time: a thousand that wait cost next to nothing.
        """
        now = self._clock.now()
        for key in self._parked.keys() & self._own.keys():
            if now - self._written[key] >= self._write_every:
                self._own[key] = replace(self._own[key], last_seen_at=now)
        due = {key: session for key, session in self._own.items() if self._is_due(key, session, now)}
        if due:
            await self._link.rows(QUERIES["touch_sessions"], *_touch_args(list(due.values())))
            assert reached("sessions_touched")
        self._written.update((key, session.last_seen_at) for key, session in due.items() if key in self._own)
        rows = await self._link.rows(QUERIES["read_listed_actions"], self._live_for)
        self._elsewhere = {(row["project"], row["action"]): row["last_seen_at"] for row in rows}
        for key in [key for key, session in self._own.items() if not session.is_live(now, self._live_for)]:
            self._forget(key)
        return False

    def _is_due(self, key: Key, session: Session, now: datetime) -> bool:
        written = self._written[key]
        return session.last_seen_at > written and now - written >= self._write_every

    def _forget(self, key: Key) -> None:
        self._written.pop(key, None)
        session = self._own.pop(key, None)
        for action in session.actions if session is not None else ():
            listing = self._listing.get((key[0], action), {})
            listing.pop(key, None)
            if not listing:
                self._listing.pop((key[0], action), None)


def _same(known: Session, intro: Introduction) -> bool:
    said = (intro.concurrency_limit, intro.name, intro.version, intro.queues, intro.actions, intro.api_key_id)
    kept = (known.concurrency_limit, known.name, known.version, known.queues, known.actions, known.api_key_id)
    return said == kept and known.token_sha256 == intro.token


def _register_args(intro: Introduction) -> tuple[object, ...]:
    return (
        intro.project,
        intro.worker_instance_id,
        new_id("wsess"),
        intro.token,
        intro.concurrency_limit,
        intro.name,
        intro.version,
        list(intro.queues),
        list(intro.actions),
        intro.api_key_id,
    )


def _introduced(intro: Introduction, row: Row) -> Session:
    return Session(
        project=intro.project,
        worker_instance_id=intro.worker_instance_id,
        session_id=row["session_id"],
        token_sha256=intro.token,
        concurrency_limit=intro.concurrency_limit,
        name=intro.name,
        version=intro.version,
        queues=intro.queues,
        actions=intro.actions,
        api_key_id=intro.api_key_id,
        last_seen_at=row["last_seen_at"],
    )


def _touch_args(sessions: Sequence[Session]) -> tuple[object, ...]:
    return (
        [session.project for session in sessions],
        [session.worker_instance_id for session in sessions],
        [session.token_sha256 for session in sessions],
        [session.last_seen_at for session in sessions],
    )


def session_of(row: Row) -> Session:
    """A session from its row."""
    return Session(
        project=row["project"],
        worker_instance_id=row["worker_instance_id"],
        session_id=row["session_id"],
        token_sha256=row["token_sha256"],
        concurrency_limit=row["concurrency_limit"],
        name=row["name"],
        version=row["version"],
        queues=tuple(row["queues"]),
        actions=tuple(row["actions"]),
        api_key_id=row["api_key_id"],
        last_seen_at=row["last_seen_at"],
    )
