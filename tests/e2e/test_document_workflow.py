"""The published example, exactly as it is written, and the three ways in which an action is carried out."""

import asyncio

from demo.answers import AuditEntry, Page, Run
from demo.audit_log import PATH, entries_of_action, entries_of_runs
from demo.board import Board
from demo.checks import check_takeover
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from demo.summarize_action import ACTION_NAME
from demo.takeover import take_over
from demo.workflow_runs import process, start_run, workflow_spec
from libs.contracts.codec import Json
from tests.e2e.calls import Caller, value_of
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation
from tests.e2e.reading_room import ReadingRoom

DOCUMENT = "recipe-lentil-soup"
SLACK = "slack.post-message"

PUBLISHED_STEPS: Json = [
    {"name": "summarize", "action": "summarize-document", "parameters": {"doc_id": "${inputs.doc_id}"}},
    {
        "name": "notify",
        "action": "slack.post-message",
        "action_kind": "server",
        "parameters": {"channel": "#ops", "text": "Summary complete for ${inputs.doc_id}"},
    },
]


async def jobs_of(caller: Caller, run_id: str) -> list[tuple[Json, Json, Json]]:
    jobs = (await caller.get(f"runs/{run_id}/jobs")).items
    return [(job["action"], job["status"], job["claimed_by"]) for job in jobs]


async def test_the_published_example_runs_as_it_is_written(
    reading_room: ReadingRoom, api: MobiusApi, caller: Caller, installation: Installation
) -> None:
    assert workflow_spec()["steps"] == PUBLISHED_STEPS
    messages = len(installation.slack.messages)
    run_id = await start_run(api, reading_room.workflow, DOCUMENT, external_id="published")
    run = await follow_run(api, run_id, lambda _: None)

    assert run.status == "completed", run.error_message
    assert [(step.step_name, step.kind, step.status) for step in run.steps] == [
        ("summarize", "worker_action", "completed"),
        ("notify", "server_action", "completed"),
    ]
    (delivery,) = reading_room.deliveries_of(run_id)
    assert (delivery.doc_id, delivery.verified, delivery.status) == (DOCUMENT, True, 200)
    assert run.result_of("summarize")["doc_id"] == DOCUMENT
    assert await jobs_of(caller, run_id) == [(ACTION_NAME, "completed", "mobius-courier")]
    (message,) = installation.slack.messages[messages:]
    assert (message.channel_name, message.text) == ("#ops", f"Summary complete for {DOCUMENT}")
    assert installation.slack.refusals == []


async def test_the_audit_log_has_both_invocations_by_run_and_by_action(
    reading_room: ReadingRoom, api: MobiusApi
) -> None:
    runs = await process(api, reading_room.workflow, [DOCUMENT, "policy-data-retention"], Board(2, 2), concurrency=2)
    ids = {one.run.id for one in runs}
    assert len(await entries_of_runs(api, ids, expected=4)) == 4

    for one in runs:
        entries = await api.all_of(PATH, AuditEntry, {"run_id": one.run.id})
        assert sorted((e.action_name, e.step_name, e.status, e.retry_count) for e in entries) == [
            (SLACK, "notify", "success", 0),
            (ACTION_NAME, "summarize", "success", 0),
        ]
        both = await api.all_of(PATH, AuditEntry, {"run_id": one.run.id, "action_name": ACTION_NAME})
        assert [entry.parameters for entry in both] == [{"doc_id": one.doc_id}]
        assert await api.all_of(PATH, AuditEntry, {"run_id": one.run.id, "status": "failed"}) == []
    of_action = await entries_of_action(api, SLACK)
    assert {entry.action_name for entry in of_action} == {SLACK}
    assert ids <= {entry.run_id for entry in of_action}
    one_by_one = await api.get(PATH, Page, {"run_id": runs[0].run.id, "limit": "1"})
    assert (len(one_by_one.items), one_by_one.has_more) == (1, True)


async def test_what_a_step_stores_reaches_the_next_one_and_the_outputs(
    reading_room: ReadingRoom, api: MobiusApi, caller: Caller, installation: Installation
) -> None:
    spec: Json = {
        "name": "with-outputs",
        "inputs": [{"name": "doc_id", "type": "string", "default": DOCUMENT}],
        "steps": [
            {"name": "a", "action": ACTION_NAME, "parameters": {"doc_id": "${inputs.doc_id}"}, "store": "summary"},
            {
                "name": "b",
                "action": SLACK,
                "action_kind": "server",
                "parameters": {"channel": "#ops", "text": "${state.summary.title}: ${state.summary.words_out} words"},
                "store": "posted",
            },
        ],
        "outputs": [{"name": "what", "variable": "summary"}, {"name": "where", "variable": "posted"}],
    }
    started = await api.post("runs", {"mode": "inline", "spec": spec}, Run)
    run = await follow_run(api, started.id, lambda _: None)

    summary, posted = run.result_of("a"), run.result_of("b")
    assert installation.slack.messages[-1].text == f"{summary['title']}: {summary['words_out']} words"
    assert posted["ts"] == installation.slack.messages[-1].ts
    outputs = value_of((await caller.get(f"runs/{run.id}")).text("result_b64"))
    assert outputs == {"what": summary, "where": posted}


async def test_a_server_step_on_a_projects_own_action_is_a_signed_post_without_a_job(
    api: MobiusApi, caller: Caller, endpoints: Endpoints
) -> None:
    await endpoints.register(caller, "greet", lambda parameters: {"greeting": f"Hello {parameters['name']}"})
    step: Json = {"name": "greet", "action": "greet", "action_kind": "server", "parameters": {"name": "Ada"}}
    started = await api.post("runs", {"mode": "inline", "spec": {"name": "greeting", "steps": [step]}}, Run)
    run = await follow_run(api, started.id, lambda _: None)

    assert (run.status, run.result_of("greet")) == ("completed", {"greeting": "Hello Ada"})
    (post,) = endpoints.of_run(run.id)
    assert (post.body["action"], post.body["step_key"], post.body["parameters"]) == ("greet", "greet", {"name": "Ada"})
    assert endpoints.unverified["greet"] == []
    assert [step.kind for step in run.steps] == ["server_action"]
    assert await jobs_of(caller, run.id) == []
    (entry,) = await entries_of_runs(api, {run.id}, expected=1)
    assert (entry.action_name, entry.status) == ("greet", "success")


async def test_an_sdk_worker_that_lists_the_action_takes_over(reading_room: ReadingRoom, api: MobiusApi) -> None:
    takeover = await take_over(reading_room.stage, api, reading_room.workflow)

    assert takeover.claimed_by == ("demo-sdk-worker",)
    assert reading_room.deliveries_of(takeover.document.run.id) == []
    assert [check.difference for check in check_takeover(takeover) if not check.ok] == []

    # and when that worker is gone, the courier serves the endpoint again
    async with asyncio.timeout(30):
        (after,) = await process(api, reading_room.workflow, [DOCUMENT], Board(1, 2), concurrency=1)
    assert [delivery.doc_id for delivery in reading_room.deliveries_of(after.run.id)] == [DOCUMENT]
