"""Claims of several kinds share a turn at the database, but not each other's misfortune."""

import asyncio
from datetime import timedelta
from typing import cast

import pytest

from libs.chassis.db.errors import OutcomeUnknown
from libs.chassis.db.link import Link
from libs.chassis.loops.queues import Queues
from services.dispatcher.store.claims import MOST_AT_ONCE, Claim, ClaimDesk, Leases, turns
from services.dispatcher.store.lanes import Lane, LaneBook, Wanted
from services.dispatcher.store.rows import body_of
from tests.doubles.clock import NOON
from tests.unit.dispatcher.samples import JOB


class Breaking:
    """A link that breaks at the claims of one project."""

    async def rows(self, _sql: str, project: str, *_args: object) -> list[dict[str, object]]:
        if project != "default":
            raise OutcomeUnknown("the connection broke")
        columns = ("job_id", "kind", "project", "run_id", "action", "queue", "parameters", "attempt", "expiries")
        job = {name: getattr(JOB, name) for name in (*columns, "sequence")}
        held = {"token": "t1", "claimed_by": "w1", "claimed_at": NOON, "cancel_requested": False, "announced": False}
        return [{**job, **held, "body": body_of(JOB), "seen": 1, "position": 1}]

    async def close(self) -> None:
        pass


def claim(project: str) -> Claim:
    return Claim(Wanted(project), "t1", "w1", timedelta(seconds=90))


async def test_a_kind_of_claim_that_breaks_leaves_the_others_their_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    book = LaneBook()
    for project in ("default", "unlucky"):
        book.note(Lane(project, "worker", "work", "default"))
    desk = ClaimDesk("postgres://nowhere", Leases(), book, Queues())
    monkeypatch.setattr(desk, "_link", cast(Link, Breaking()))
    await desk.start()
    answers = await asyncio.gather(desk.claim(claim("default")), desk.claim(claim("unlucky")), return_exceptions=True)
    await desk.stop()
    assert isinstance(answers[0], list)
    assert [lease.job.job_id for lease in answers[0]] == [JOB.job_id]
    assert isinstance(answers[1], OutcomeUnknown)


@pytest.mark.parametrize(
    ("demands", "expected"),
    [([1], [0]), ([1, 1, 1], [0, 1, 2]), ([3, 1], [0, 1, 0, 0]), ([1, 3, 2], [0, 1, 2, 1, 2, 1])],
)
def test_nobody_has_a_second_turn_before_everybody_had_a_first(demands: list[int], expected: list[int]) -> None:
    assert turns(demands) == expected


def test_one_statement_takes_so_many_jobs_however_many_are_asked_for() -> None:
    assert turns([100] * 500) == list(range(MOST_AT_ONCE))
