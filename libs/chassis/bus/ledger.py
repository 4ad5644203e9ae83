"""Commits what was decided about records: one statement, then the relay, the handler's memory and the counters."""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from libs.chassis.bus.batch import Effects
from libs.chassis.bus.consumer_metrics import ConsumerMetrics
from libs.chassis.bus.dead_letters import dead_letter, place_of
from libs.chassis.bus.parking import QUERIES
from libs.chassis.bus.plan import SetAside
from libs.chassis.db.link import Link
from libs.chassis.db.statement import Part, run
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Entry
from libs.chassis.journal.store import append_parts
from libs.chassis.outbox.relay import Relay

log = structlog.get_logger(__name__)


class Ledger:
    """Raises `Conflict` and `Unavailable`; then the handler has been told."""

    def __init__(self, service: str, link: Link, relay: Relay, metrics: ConsumerMetrics) -> None:
        self._service = service
        self._link = link
        self._relay = relay
        self._metrics = metrics

    async def record(self, parts: Sequence[Part], effects: Effects, aside: Sequence[SetAside] = ()) -> None:
        """All of it or nothing."""
        try:
            aside = await self._fresh(aside) if aside else aside
            entries = [*effects.entries, *self._letters(aside)]
            await run(self._link, [*parts, *append_parts(entries), *effects.parts])
            assert reached("batch_committed")
        except BaseException:
            effects.conflicted()
            raise
        self._relay.offer(entries)
        effects.committed()
        self._tell(aside)

    async def _fresh(self, aside: Sequence[SetAside]) -> Sequence[SetAside]:
        """Those that are no dead letters yet: who was told to hear a partition anew comes by the old ones again."""
        places = [place_of(one.record) for one in aside]
        known = {row["stream"] for row in await self._link.rows(QUERIES["find_letters"], places)}
        return [one for one, place in zip(aside, places, strict=True) if place not in known]

    def _letters(self, aside: Sequence[SetAside]) -> list[Entry]:
        now = datetime.now(UTC)
        return [dead_letter(self._service, one.record, one.reason, one.error, now, one.tries) for one in aside]

    def _tell(self, aside: Sequence[SetAside]) -> None:
        for one in aside:
            place = {"topic": one.record.topic, "partition": one.record.partition, "offset": one.record.offset}
            log.error("record_dead_lettered", **place, reason=one.reason, error=one.error)
            self._metrics.dead_lettered(one.reason)
