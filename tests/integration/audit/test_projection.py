"""What is told of runs becomes the same rows, in whatever order and batches it is heard, and however often."""

from random import Random

from libs.chassis.db.link import Link
from tests.integration.audit.hearing import emptied, hear, hear_all, rows
from tests.unit.audit.stories import all_streams, batches

SEEDS = 40


async def test_any_order_and_any_batches_make_the_same_rows(link: Link) -> None:
    await hear_all(link, all_streams())
    expected = await rows(link)
    assert all(expected.values())

    for seed in range(SEEDS):
        await emptied(link)
        for batch in batches(all_streams(), Random(seed)):
            await hear(link, batch)
        assert await rows(link) == expected, f"seed {seed}"


async def test_all_of_it_once_more_changes_nothing(link: Link) -> None:
    await hear_all(link, all_streams())
    expected = await rows(link)
    for stream in all_streams():
        for item in stream.heard:
            await hear(link, [item])
    assert await rows(link) == expected
