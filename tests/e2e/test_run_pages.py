"""Runs on pages: listed and narrowed, followed to their end, explained when they fail, cancelled by who may."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.e2e.installation import Installation
from tests.e2e.reading_pages import HOSTILE, PATIENCE_SECONDS, ReadingPages, followed, ids_of, reading, until


@pytest.fixture(scope="module")
async def pages(installation: Installation) -> AsyncIterator[ReadingPages]:
    async with reading(installation) as pages:
        yield pages


async def test_a_completed_run_shows_its_steps_its_values_and_its_events(pages: ReadingPages) -> None:
    spec = pages.spec("echo", "echo", name=HOSTILE, outputs=[{"name": "out", "variable": "x"}])
    steps = spec["steps"]
    assert isinstance(steps, list)
    steps[0] |= {"store": "x", "parameters": {"text": "${inputs.text}"}}  # type: ignore[operator]
    run = await pages.ended({"mode": "inline", "spec": spec, "inputs": {"text": HOSTILE}, "tags": {"by": HOSTILE}})
    shown = await pages.author.get(f"{pages.path}/runs/{run}")

    assert HOSTILE not in shown.text
    assert shown.plain.count(HOSTILE) >= 3
    assert "is-completed" in shown.text
    assert len(ids_of(shown.text, "job_")) == 2
    assert "run.completed" in shown.text
    assert f"/invocations?run={run}" in shown.text
    assert f"/v1/projects/{pages.tenant.project}/runs/{run}" in shown.text
    assert "/cancel" not in shown.text
    assert "<h2>Outputs</h2>" in shown.text


async def test_a_failed_run_says_why_and_what_to_do(pages: ReadingPages) -> None:
    run = await pages.ended({"mode": "inline", "spec": pages.spec("bad", "echo")})
    shown = await pages.author.get(f"{pages.path}/runs/{run}")

    assert "Step first failed" in shown.text
    assert "contract_violation" in shown.text
    assert "do not fit the action's schema" in shown.plain
    assert "repair the endpoint" in shown.plain
    assert "is-failed" in shown.text
    assert "is-pending" in shown.text
    assert "It ended without any." in shown.text


async def test_a_page_follows_a_run_to_its_end(pages: ReadingPages) -> None:
    run = await pages.held()
    path = f"{pages.path}/runs/{run}"
    regions: list[str] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for region in followed(pages.author, path):
            regions.append(region)
            if "status failed" in region:
                break
            if len(regions) == 1:
                assert (await pages.caller.call("POST", f"runs/{run}/cancellations")).status == 204

    assert "status active" in regions[0]
    rows = [ids_of(region, "job_") for region in regions]
    assert all(len(set(row)) == len(row) for row in rows)
    assert rows[-1] == ids_of((await pages.author.get(path)).text, "job_")


async def test_an_author_cancels_a_run_and_is_told_when_it_is_too_late(pages: ReadingPages) -> None:
    run = await pages.held()
    page = f"{pages.path}/runs/{run}"
    watched = await pages.viewer.get(page)
    assert watched.status == 200
    assert "/cancel" not in watched.text
    assert (await pages.viewer.post(f"{page}/cancel", {"csrf": watched.csrf})).status == 403
    assert "status active" in (await pages.author.get(page)).text

    done = await pages.author.send(page, f"{page}/cancel", {})
    assert (done.status, done.location) == (303, f"{page}?ended=1")
    ended = await pages.author.get(done.location)
    assert "The run was cancelled" in ended.text
    assert "Somebody ended the run." in ended.text
    assert "status closed" in ended.text
    late = await pages.author.send(page, f"{page}/cancel", {})
    assert late.status in (303, 409)


async def test_runs_are_listed_and_narrowed_by_the_address(pages: ReadingPages) -> None:
    good = await pages.ended({"mode": "inline", "spec": pages.spec("echo", name="listed")})
    bad = await pages.ended({"mode": "inline", "spec": pages.spec("bad", name="listed")})
    path = f"{pages.path}/runs"

    both = ids_of((await pages.viewer.get(f"{path}?workflow=listed")).text, "run_")
    assert both == [bad, good]
    assert ids_of((await pages.viewer.get(f"{path}?workflow=listed&status=failed")).text, "run_") == [bad]
    assert ids_of((await pages.viewer.get(f"{path}?workflow=listed&until=2020-01-31")).text, "run_") == []
    assert ids_of((await pages.viewer.get(f"{path}?workflow=listed&since=2020-01-31T09:30")).text, "run_") == both
    everything = await pages.viewer.get(path)
    assert 'id="count-failed"' in everything.text
    assert {good, bad} <= set(ids_of(everything.text, "run_"))
    assert "No run is like this" in (await pages.viewer.get(f"{path}?workflow={HOSTILE.replace('&', '')}")).text


async def test_a_long_list_goes_on_at_older_runs(pages: ReadingPages) -> None:
    spec = pages.spec("echo", name="many")
    started = await asyncio.gather(*(pages.caller.create("runs", {"mode": "inline", "spec": spec}) for _ in range(55)))
    for run in (one.text("id") for one in started):
        await until(pages.author, f"{pages.path}/runs/{run}", f"Run <code>{run}")
    first = await until(pages.author, f"{pages.path}/runs?workflow=many", "Older")
    older = first.plain.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = await pages.author.get(older)

    found = [*ids_of(first.text, "run_"), *ids_of(second.text, "run_")]
    assert len(ids_of(first.text, "run_")) == 50
    assert len(set(found)) == len(found) == 55
    assert "Newest" in second.text


@pytest.mark.parametrize(
    "query", ["status=lost", "since=yesterday", "until=x", "before=x", "status=%3Cscript%3E", "before=WzEsMl0"]
)
async def test_a_filter_that_makes_no_sense_is_refused_on_the_page(pages: ReadingPages, query: str) -> None:
    seen = await pages.viewer.get(f"{pages.path}/runs?{query}")

    assert seen.status == 400
    assert "expected" in seen.text
    assert "<script>" not in seen.text


@pytest.mark.parametrize("query", ["attempts=x", "events=x", "status=lost", "events=WzEsMiwzXQ"])
async def test_an_address_of_a_run_that_makes_no_sense_is_refused(pages: ReadingPages, query: str) -> None:
    run = await pages.ended({"mode": "inline", "spec": pages.spec("echo")})
    assert (await pages.viewer.get(f"{pages.path}/runs/{run}?{query}")).status == 400


async def test_attempts_are_narrowed_and_events_read_from_either_end(pages: ReadingPages) -> None:
    run = await pages.ended({"mode": "inline", "spec": pages.spec("echo", "echo")})
    page = f"{pages.path}/runs/{run}"

    assert len(ids_of((await pages.viewer.get(f"{page}?step=second")).text, "job_")) == 1
    assert len(ids_of((await pages.viewer.get(f"{page}?status=failed")).text, "job_")) == 0
    latest = ids_of((await pages.viewer.get(page)).text, f"{run}:")
    assert ids_of((await pages.viewer.get(f"{page}?order=first")).text, f"{run}:") == latest[::-1]
    assert len(latest) >= 4


async def test_a_long_payload_is_cut(pages: ReadingPages) -> None:
    long = "x" * 60_000
    run = await pages.ended({"mode": "inline", "spec": pages.spec("echo"), "inputs": {"text": long}})
    shown = await pages.viewer.get(f"{pages.path}/runs/{run}")

    assert long not in shown.text
    assert "characters in all" in shown.text
    assert len(shown.text) < 80_000


@pytest.mark.parametrize("run", ["run_none", "%3Cscript%3E", "{foreign}"])
async def test_a_run_that_is_not_there_or_anothers_is_the_same_page(
    installation: Installation, pages: ReadingPages, run: str
) -> None:
    async with reading(installation) as others:
        foreign = await others.ended({"mode": "inline", "spec": others.spec("echo")})
        asked = f"{pages.path}/runs/{run.format(foreign=foreign)}"
        seen = await pages.author.get(asked)
        cancelled = await pages.author.post(
            f"{asked}/cancel", {"csrf": (await pages.author.get(pages.path + "/runs")).csrf}
        )

    unknown = await pages.author.get(f"{pages.path}/runs/run_nowhere")
    assert seen.status == unknown.status == cancelled.status == 404
    assert seen.text == unknown.text


async def test_an_archived_project_offers_no_change_but_ending_a_run(
    installation: Installation,
) -> None:
    async with reading(installation) as pages:
        workflow = await pages.saved("Kept", pages.spec("echo"), handle="kept")
        run = await pages.ended({"mode": "saved", "definition_id": workflow})
        held = await pages.held()
        path = f"/v1/projects/{pages.tenant.project_id}"
        assert (await installation.caller.call("POST", f"{path}/archive")).status == 200
        page = f"{pages.path}/workflows/kept"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while f"{page}/start" in (shown := await pages.author.get(page)).text:
                await asyncio.sleep(0.05)
        assert f"{page}/edit" not in shown.text
        assert "/start?from" not in (await pages.author.get(f"{pages.path}/runs/{run}")).text
        assert (await pages.author.post(f"{page}/start", {"csrf": shown.csrf, "inputs": ""})).status == 409
        ending = f"{pages.path}/runs/{held}"
        assert (await pages.author.send(ending, f"{ending}/cancel", {})).status == 303
