"""Records come at least once: what a batch of them did is not done again when they come once more."""

from collections.abc import AsyncIterator, Sequence

import pytest

from deploy.local.servers import Database
from libs.chassis.bus.batch import Heard, Record
from libs.chassis.db.link import Link
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context, entries
from libs.chassis.loops.queues import Queues
from libs.contracts.events.engine import RunFailed, StepScheduled
from libs.contracts.payload import Payload
from services.dispatcher.consumers.engine_events import EngineEvents
from services.dispatcher.store.claims import ClaimDesk, Leases
from services.dispatcher.store.hand_over import HandOver
from services.dispatcher.store.lanes import LaneBook
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.waiters import Waiters
from tests.doubles.clock import NOON, FakeClock
from tests.integration.chassis.write_path import migrated

SCHEDULED = StepScheduled(
    run_id="run_1",
    workflow_name="w",
    path="main",
    step="s",
    attempt=1,
    kind="worker",
    action="work",
    invocation_id="job_1",
    queue="default",
    parameters={},
)
ENDED = RunFailed(error_type="run_cancelled", error_message="the run was cancelled", closed=["job_1"])


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    yield link
    await link.close()


@pytest.fixture
async def hear(database: Database, link: Link) -> AsyncIterator[EngineEvents]:
    leases, waiters, clock = Leases(), Waiters(), FakeClock()
    desk = ClaimDesk(database.service_urls["dispatcher"], leases, LaneBook(), Queues())
    yield EngineEvents(Queue(link), leases, HandOver(waiters, desk, leases, clock), clock, lambda jobs: None)
    await desk.stop()


def batch(*payloads: Payload) -> list[Heard]:
    said = entries(Context(service="engine", project="default", now=NOON), "run_1", 0, "run_1", payloads)
    return [Heard(one.event, Record("engine-events", 0, place, 0, None, one.raw)) for place, one in enumerate(said)]


async def take(link: Link, hear: EngineEvents, heard: Sequence[Heard]) -> None:
    """As the consumer does it, but for the position."""
    effects = await hear(heard)
    if effects.parts or effects.entries:
        await commit(link, effects.parts, effects.entries)


async def said(link: Link) -> list[tuple[str, int]]:
    return [(row["stream"], row["seq"]) for row in await link.rows("SELECT stream, seq FROM journal ORDER BY 1, 2")]


async def test_a_job_that_began_and_ended_within_a_batch_is_closed_once(link: Link, hear: EngineEvents) -> None:
    for _ in range(2):
        await take(link, hear, batch(SCHEDULED, ENDED))
    assert await said(link) == [("job_1", 1)]
    assert await link.rows("SELECT 1 FROM ready") == []


async def test_a_job_that_waits_is_closed_once_when_its_beginning_comes_again_with_its_end(
    link: Link, hear: EngineEvents
) -> None:
    await take(link, hear, batch(SCHEDULED))
    await take(link, hear, batch(SCHEDULED, ENDED))
    assert await said(link) == [("job_1", 1)]
    assert await link.rows("SELECT 1 FROM ready") == []


async def test_a_repeated_batch_about_another_run_holds_nobody_up(link: Link, hear: EngineEvents) -> None:
    await take(link, hear, batch(SCHEDULED, ENDED))
    other = SCHEDULED.model_copy(update={"invocation_id": "job_2", "run_id": "run_2"})
    await take(link, hear, [*batch(SCHEDULED, ENDED), *batch(other)])
    rows = await link.rows("SELECT job_id FROM ready")
    assert [row["job_id"] for row in rows] == ["job_2"]


async def test_a_step_that_is_only_simulated_becomes_no_job(link: Link, hear: EngineEvents) -> None:
    await take(link, hear, batch(SCHEDULED.model_copy(update={"dry_run": True, "simulated": True})))
    assert await said(link) == []
    assert await link.rows("SELECT 1 FROM ready") == []
