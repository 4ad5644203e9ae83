"""A service dies between hearing, committing, publishing and forgetting. Runs go their way as if it had not."""

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from libs.chassis.ids import new_id
from tests.e2e.failpoints.acts import SAFE, audited, ended, notifying, start
from tests.e2e.failpoints.dying import dying
from tests.e2e.failpoints.world import ends_once, settled
from tests.e2e.installation import Installation

HEARD = "mobius.dispatcher-events.v1"


@pytest.mark.parametrize(
    ("service", "order"),
    [
        ("engine", "batch_decided"),
        pytest.param("audit", "batch_decided", marks=pytest.mark.nightly),
        pytest.param("engine", "batch_committed", marks=pytest.mark.nightly),
        pytest.param("dispatcher", "batch_committed", marks=pytest.mark.nightly),
        ("audit", "batch_committed"),
        pytest.param("engine", "batch_acknowledged", marks=pytest.mark.nightly),
        pytest.param("dispatcher", "batch_acknowledged", marks=pytest.mark.nightly),
        pytest.param("engine", "outbox_published:2", marks=pytest.mark.nightly),
        ("dispatcher", "outbox_published"),
        pytest.param("engine", "outbox_forgotten", marks=pytest.mark.nightly),
        pytest.param("dispatcher", "outbox_forgotten", marks=pytest.mark.nightly),
    ],
)
async def test_a_run_is_done_once_whoever_dies(installation: Installation, service: str, order: str) -> None:
    text = new_id("text")
    async with dying(installation, service, order):
        run_id = await start(installation.caller, notifying(SAFE, text))
    run = await ended(installation.caller, run_id)
    rows = await audited(installation.caller, run_id, 2)
    world = await settled(installation)

    assert run["status"] == "completed"
    ends_once(world, run_id, "run.completed")
    assert sorted(str(row["status"]) for row in rows) == ["success", "success"]
    assert len(installation.endpoints.of_run(run_id)) == 1
    assert [message.text for message in installation.slack.messages].count(text) == 1


@pytest.mark.parametrize("service", ["engine", pytest.param("audit", marks=pytest.mark.nightly)])
async def test_a_dead_letter_is_kept_once(installation: Installation, service: str) -> None:
    async with (
        AIOKafkaProducer(bootstrap_servers=installation.stack.kafka_bootstrap) as producer,
        dying(installation, service, "batch_committed"),
    ):
        place = await producer.send_and_wait(HEARD, b"no event", partition=1)
    run_id = await start(installation.caller, notifying(SAFE, "after the poison"))
    assert (await ended(installation.caller, run_id))["status"] == "completed"
    letter = f"{HEARD}/1/{place.offset}"
    await audited(installation.caller, run_id, 2)
    world = await settled(installation)

    assert [len(world.topics[hearer].get(letter, [])) for hearer in ("engine", "audit")] == [1, 1]


@pytest.mark.parametrize(
    "service", ["engine", *(pytest.param(other, marks=pytest.mark.nightly) for other in ("dispatcher", "audit"))]
)
async def test_who_dies_while_it_looks_for_its_places_hears_all_that_is_there(
    installation: Installation, service: str
) -> None:
    before = await start(installation.caller, notifying(SAFE, "before"))
    assert (await ended(installation.caller, before))["status"] == "completed"
    logged = await audited(installation.caller, before, 2)
    await forget_places(installation, service)
    async with dying(installation, service, "position_seeded"):
        run_id = await start(installation.caller, notifying(SAFE, "after"))
    assert (await ended(installation.caller, run_id))["status"] == "completed"
    await audited(installation.caller, run_id, 2)
    world = await settled(installation)

    ends_once(world, before, "run.completed")
    ends_once(world, run_id, "run.completed")
    assert await audited(installation.caller, before, 2) == logged
    assert [len(installation.endpoints.of_run(one)) for one in (before, run_id)] == [1, 1]


async def forget_places(installation: Installation, service: str) -> None:
    """As if the service had never heard two of its partitions, and will hear them from their beginning."""
    await settled(installation)
    database = await asyncpg.connect(installation.stack.postgres_url)
    try:
        await database.execute(f"DELETE FROM {service}.positions WHERE partition IN (2, 3)")
    finally:
        await database.close()
