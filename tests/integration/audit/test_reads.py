"""What the pages ask of the projections, and that nobody gets another project's rows."""

from datetime import timedelta

import pytest

from libs.chassis.db.link import Link
from libs.chassis.db.reads import Reads
from libs.contracts.codec import parse_json
from services.audit.domain.durations import duration_class, middle_ms
from services.audit.store.action_stats import KEPT_FOR, MOST_KEPT, NO_STATS, HourCount, RecentStats, action_stats
from services.audit.store.attempts import AttemptStatus, count_attempts, list_attempts, step_states
from services.audit.store.invocations import Filter, list_invocations
from services.audit.store.run_events import list_latest_run_events, list_run_events
from services.audit.store.runs import RunFilter, count_runs, find_run, list_runs
from services.audit.store.workflows import (
    find_version,
    find_workflow,
    list_versions,
    list_workflows,
    workflows_using,
)
from tests.integration.audit.hearing import hear_all
from tests.unit.audit.stories import PROJECT, SPEC, Stream, all_streams, at, done, scheduled, smooth, started, workflow

pytestmark = pytest.mark.usefixtures("told")
OTHER, THIRD = "other", "third"


@pytest.fixture(scope="module")
async def told(link: Link) -> None:
    """Five runs of one project, and one of another that has the same workflow and the same names."""
    more = Stream("engine", "run_5", "run_5").say(50, started(workflow_name="v"))
    foreign = [workflow("wf_2", "w", OTHER), *smooth("run_6", OTHER)]
    await hear_all(link, [*all_streams(), more, *foreign])


async def ids(reads: Reads, wanted: RunFilter, limit: int = 10) -> list[str]:
    return [run.id for run in await list_runs(reads, wanted, limit)]


async def test_runs_are_listed_newest_first_by_page_and_by_what_is_asked_for(reads: Reads) -> None:
    assert await ids(reads, RunFilter(PROJECT)) == ["run_5", "run_4", "run_3", "run_2", "run_1"]
    [_, last] = await list_runs(reads, RunFilter(PROJECT), 2)
    assert await ids(reads, RunFilter(PROJECT, after=(last.started_at, last.id))) == ["run_3", "run_2", "run_1"]
    assert await ids(reads, RunFilter(PROJECT, after=(at(0), "run_2"))) == ["run_1"]
    assert await ids(reads, RunFilter(PROJECT, status="active")) == ["run_5", "run_4"]
    assert await ids(reads, RunFilter(PROJECT, status="failed", workflow="w")) == ["run_3"]
    assert await ids(reads, RunFilter(PROJECT, workflow="v")) == ["run_5"]
    assert await ids(reads, RunFilter(PROJECT, since=at(20), until=at(50))) == ["run_4", "run_3"]
    assert await ids(reads, RunFilter(OTHER)) == ["run_6"]


async def test_runs_are_counted_by_status_up_to_a_bound(reads: Reads) -> None:
    assert await count_runs(reads, PROJECT, 10) == {"active": 2, "completed": 2, "failed": 1}
    assert await count_runs(reads, PROJECT, 1) == {"active": 1, "completed": 1, "failed": 1}


async def test_a_run_of_a_saved_version_has_its_spec(reads: Reads) -> None:
    run = await find_run(reads, PROJECT, "run_1")
    assert run is not None
    assert run.spec is not None
    assert parse_json(run.spec) == SPEC
    assert (run.status, run.workflow_handle, run.definition_version, run.external_id) == ("completed", "w", 2, "e")
    assert (run.started_at, run.finished_at, run.started_by) == (at(0), at(12), "key_1")
    assert (run.inputs, run.outputs, run.errors, run.tags) == (b'{"n":1}', b'{"x":[1]}', None, b'{"t":"1"}')


async def test_an_inline_run_has_its_own_spec(reads: Reads) -> None:
    run = await find_run(reads, PROJECT, "run_3")
    assert run is not None
    assert run.spec is not None
    assert parse_json(run.spec) == SPEC
    assert (run.status, run.workflow_handle, run.error_type, run.errors) == ("failed", None, "step_failed", b"[]")


async def test_attempts_are_listed_in_order_with_who_did_them(reads: Reads) -> None:
    [only] = await list_attempts(reads, PROJECT, "run_1", None, 10)
    assert (only.id, only.path, only.step, only.attempt, only.kind, only.action) == (
        "job_run_1",
        "main",
        "s",
        1,
        "worker",
        "a",
    )
    assert (only.status, only.claimed_by, only.claimed_at) == ("completed", "w2", at(8))
    assert (only.scheduled_at, only.finished_at) == (at(0), at(12))
    found = await list_attempts(reads, PROJECT, "run_3", None, 10)
    assert [(one.id, one.status) for one in found] == [
        ("job_run_3_1", "closed"),
        ("job_run_3_2", "closed"),
        ("run_3:4", "failed"),
    ]
    behind = (found[0].scheduled_at, found[0].id)
    assert await list_attempts(reads, PROJECT, "run_3", behind, 1) == found[1:2]
    assert await list_attempts(reads, PROJECT, "run_3", None, 10, step="odd") == found[2:]
    assert await list_attempts(reads, PROJECT, "run_3", None, 10, status="closed") == found[:2]
    assert found[2].error_message == "no"


@pytest.mark.parametrize(("run_id", "status"), [("run_1", "completed"), ("run_4", "scheduled")])
async def test_a_job_that_was_given_up_waits_until_somebody_else_has_it(
    reads: Reads, run_id: str, status: AttemptStatus
) -> None:
    assert await count_attempts(reads, PROJECT, run_id) == {status: 1}


async def test_who_did_what_was_never_announced_stands_in_the_log(reads: Reads, link: Link) -> None:
    run_id, job = "run_7", "job_run_7"
    engine = Stream("engine", run_id, run_id, THIRD).say(0, started()).say(0, scheduled(run_id, job))
    dispatcher = Stream("dispatcher", job, run_id, THIRD).say(11, done(run_id, job, 8, "w9"))
    await hear_all(link, [engine, dispatcher])
    [only] = await list_attempts(reads, THIRD, run_id, None, 10)
    assert (only.status, only.claimed_by, only.claimed_at) == ("scheduled", "w9", at(8))


async def test_steps_are_counted_by_what_became_of_their_attempts(reads: Reads) -> None:
    found = await step_states(reads, PROJECT, "run_3")
    assert [(one.step, one.closed, one.failed, one.running) for one in found] == [
        ("later", 1, 0, 0),
        ("s", 1, 0, 0),
        ("odd", 0, 1, 0),
    ]
    assert (found[2].first_scheduled_at, found[2].last_finished_at) == (at(25), at(25))
    assert await step_states(reads, PROJECT, "run_3", ["odd", "nothing"]) == found[2:]


async def test_the_history_of_a_run_is_read_from_both_ends(reads: Reads) -> None:
    history = await list_run_events(reads, PROJECT, "run_1", None, 50)
    assert [one.type for one in history] == [
        "run.started",
        "step.scheduled",
        "job.claimed",
        "step.started",
        "job.lease_expired",
        "job.claimed",
        "step.started",
        "step.completed",
        "run.completed",
    ]
    assert await list_latest_run_events(reads, PROJECT, "run_1", None, 50) == history[::-1]
    assert await list_run_events(reads, PROJECT, "run_1", history[3].position, 2) == history[4:6]
    assert await list_latest_run_events(reads, PROJECT, "run_1", history[3].position, 2) == [history[2], history[1]]
    assert history[2].data == smooth("run_1")[1].heard[0].record.value


async def test_workflows_are_found_by_handle_and_by_id_with_their_versions(reads: Reads) -> None:
    found = await find_workflow(reads, PROJECT, "w")
    assert found is not None
    assert found == await find_workflow(reads, PROJECT, "wf_1")
    assert (found.name, found.latest_version, found.actions, found.updated_by) == ("W2", 2, ["a"], "key_3")
    assert await list_workflows(reads, PROJECT, None, 10) == [found]
    assert await list_workflows(reads, PROJECT, "w", 10) == []
    assert [(one.version, one.created_by) for one in await list_versions(reads, PROJECT, "wf_1", 10)] == [
        (2, "key_2"),
        (1, "key_1"),
    ]
    second = await find_version(reads, PROJECT, "wf_1", 2)
    assert second is not None
    assert (parse_json(second.spec), second.created_at) == (SPEC, at(-8))
    assert await workflows_using(reads, PROJECT, ["a", "b"]) == {"a": ["w"], "b": []}


async def test_actions_are_counted_by_hour_and_by_how_long_they_took(reads: Reads) -> None:
    found = await action_stats(reads, PROJECT, ["a", "b"], at(5))
    middle = middle_ms(duration_class(3_000))
    assert found["b"] == NO_STATS
    assert (found["a"].count, found["a"].failed, found["a"].per_hour) == (3, 1, (HourCount(at(0), 2, 1),))
    assert (found["a"].p50_ms, found["a"].p99_ms) == (middle, middle_ms(duration_class(5_000)))
    assert (await action_stats(reads, PROJECT, ["a"], at(0) + timedelta(hours=1)))["a"] == NO_STATS


async def test_what_was_counted_a_moment_ago_is_not_counted_again(reads: Reads) -> None:
    recent, now = RecentStats(reads), at(60)
    first = await recent.of(PROJECT, ["a"], at(5), now)
    assert first == await action_stats(reads, PROJECT, ["a"], at(5))
    assert await recent.of(PROJECT, ["a"], at(6), now + KEPT_FOR * 0.9) is first
    assert await recent.of(OTHER, ["a"], at(5), now) != first
    later = await recent.of(PROJECT, ["a"], at(5), now + KEPT_FOR)
    assert later is not first
    for number in range(MOST_KEPT):
        await recent.of(PROJECT, [f"a{number}"], at(5), now + KEPT_FOR)
    assert await recent.of(PROJECT, ["a"], at(5), now + KEPT_FOR) is not later


async def test_the_log_is_narrowed_by_step_and_time(reads: Reads) -> None:
    async def found(**wanted: object) -> list[str]:
        rows = await list_invocations(reads, Filter(PROJECT, **wanted), 10)  # type: ignore[arg-type]
        return [row.id for row in rows]

    assert await found() == ["job_run_3_1", "job_run_2", "job_run_1"]
    assert await found(step_name="s", since=at(11), until=at(26)) == ["job_run_2", "job_run_1"]
    assert await found(step_name="t") == []
    assert await found(status="failed") == ["job_run_3_1"]
    assert await found(status="success", after=(at(11), "job_run_2")) == ["job_run_1"]


async def test_nobody_gets_what_is_another_projects(reads: Reads) -> None:
    assert await find_run(reads, OTHER, "run_1") is None
    assert await list_attempts(reads, OTHER, "run_1", None, 10) == []
    assert await count_attempts(reads, OTHER, "run_1") == {}
    assert await step_states(reads, OTHER, "run_1") == []
    assert await list_run_events(reads, OTHER, "run_1", None, 10) == []
    assert await list_latest_run_events(reads, OTHER, "run_1", None, 10) == []
    assert await find_workflow(reads, OTHER, "wf_1") is None
    assert await list_versions(reads, OTHER, "wf_1", 10) == []
    assert await find_version(reads, OTHER, "wf_1", 1) is None
    assert await list_invocations(reads, Filter(OTHER, run_id="run_1"), 10) == []
    assert (await action_stats(reads, OTHER, ["a"], at(-9)))["a"].count == 1
