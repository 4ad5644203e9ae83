"""A holder keeps its word though its lease moves on while it reports."""

from typing import cast

import pytest

from libs.chassis.db.link import Link
from libs.chassis.loops.queues import Queues
from libs.chassis.outbox.relay import Relay
from services.dispatcher.domain.reports import Report, Succeeded
from services.dispatcher.store.claims import Leases
from services.dispatcher.store.reports import QUERIES, ReportDesk, Reporting
from services.dispatcher.store.rows import body_of
from tests.doubles.clock import NOON, FakeClock
from tests.unit.dispatcher.samples import JOB


class Moving:
    """A link to one lease, whose stream gets another event behind each of the first looks."""

    def __init__(self, moves: int) -> None:
        self._sequence = 0
        self._moves = moves

    async def rows(self, sql: str, *args: object) -> list[dict[str, object]]:
        if sql == QUERIES["read_leases"]:
            return [self._row()]
        if sql == QUERIES["finish_leases"]:
            sequences = cast(list[int], args[3])
            return [{"job_id": JOB.job_id}] if sequences == [self._sequence + 1] else []
        return []

    async def close(self) -> None:
        pass

    def _row(self) -> dict[str, object]:
        columns = ("job_id", "kind", "project", "run_id", "action", "queue", "parameters", "attempt", "expiries")
        held = {"token": "t1", "claimed_by": "w1", "claimed_at": NOON, "cancel_requested": False, "announced": False}
        row = {name: getattr(JOB, name) for name in columns} | held
        row |= {"sequence": self._sequence, "body": body_of(JOB)}
        if self._moves:
            self._moves -= 1
            self._sequence += 1
        return row


class Publishing:
    """A relay that nobody listens to."""

    def offer(self, _entries: object) -> None:
        pass

    def ensure_room(self) -> None:
        """There always is."""


async def test_a_report_outlives_events_that_come_between_its_look_and_its_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = cast(Relay, Publishing())
    desk = ReportDesk("postgres://nowhere", Leases(), relay, FakeClock(), lambda *_: [], Queues())
    monkeypatch.setattr(desk, "_link", cast(Link, Moving(moves=2)))
    await desk.start()
    report = Report(JOB.job_id, JOB.project, "t1", 1, Succeeded({"ok": True}))
    assert await desk.report(Reporting(report)) is None
    await desk.stop()
