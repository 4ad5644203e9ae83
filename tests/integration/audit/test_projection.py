"""What is told of runs becomes the same rows, in whatever order and batches it is heard, and however often."""

from random import Random

from libs.chassis.db.link import Link
from tests.integration.audit.hearing import emptied, hear, hear_all, rows
from tests.unit.audit.stories import all_streams, at, batches, smooth, workflow

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


async def test_an_end_that_comes_with_a_beginning_that_was_heard_before_counts(link: Link) -> None:
    await emptied(link)
    [whole, _] = smooth("run_1")
    await hear(link, whole.heard[:1])
    await hear(link, whole.heard)
    [run] = (await rows(link))["runs"]
    assert (run["status"], run["outputs"]) == ("completed", b'{"x":[1]}')


async def test_an_older_word_about_a_workflow_takes_nothing_back(link: Link) -> None:
    await emptied(link)
    saved = workflow()
    await hear(link, saved.heard)
    await hear(link, saved.heard[:1])
    await hear(link, saved.heard[1:2])
    [found] = (await rows(link))["workflows"]
    assert (found["name"], found["updated_by"], found["sequence"]) == ("W2", "key_3", 3)


async def test_an_old_claim_that_is_heard_last_is_not_the_one_that_counts(link: Link) -> None:
    await emptied(link)
    engine, dispatcher = smooth("run_1")
    await hear(link, engine.heard)
    await hear(link, dispatcher.heard[:1])
    [attempt] = (await rows(link))["run_attempts"]
    assert (attempt["claimed_at"], attempt["claimed_by"], attempt["status"]) == (at(8), "w2", "completed")
