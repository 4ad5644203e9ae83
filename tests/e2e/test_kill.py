"""Each service dies by kill -9 in the middle of the demo, and the demo finishes as if it had not."""

from collections import Counter

import pytest

from demo import audit_log
from demo.audit_log import entries_of_runs
from demo.board import Board
from demo.checks import check_evidence
from demo.kill_switch import KillSwitch
from demo.mobius_api import MobiusApi
from demo.report import DocumentRun, Evidence
from demo.summarize_action import ACTION_NAME
from demo.workflow_runs import process
from libs.contracts.topics import SERVICES
from tests.e2e.installation import Installation
from tests.e2e.reading_room import ReadingRoom
from tests.e2e.switches import armed

CONCURRENCY = 8


@pytest.mark.parametrize("service", SERVICES)
async def test_every_document_is_summarised_as_often_as_the_audit_log_says(
    reading_room: ReadingRoom, api: MobiusApi, installation: Installation, service: str
) -> None:
    stage = reading_room.stage
    before, messages = len(reading_room.deliveries), len(stage.slack.messages)
    pid = installation.stack.pid(service)
    switch = KillSwitch(service, len(stage.documents), installation.stack.kill)
    async with armed(stage.receiver, switch):
        runs = await process(api, reading_room.workflow, stage.documents, Board(len(stage.documents), 2), CONCURRENCY)
    await installation.stack.until_ready(service)

    assert switch.check().difference == ""
    assert installation.stack.pid(service) != pid
    evidence = await collected(reading_room, api, runs, before, messages)
    summarised = Counter(d.doc_id for d in evidence.deliveries if d.status == 200 and not d.repeated)
    audited = Counter(
        str(entry.parameters["doc_id"])
        for entry in evidence.audit
        if (entry.action_name, entry.status) == (ACTION_NAME, "success")
    )
    assert summarised == audited == Counter(list(stage.documents))
    assert [check.difference for check in check_evidence(evidence, service) if not check.ok] == []


async def collected(
    room: ReadingRoom, api: MobiusApi, runs: tuple[DocumentRun, ...], before: int, messages: int
) -> Evidence:
    """What the three sides say about these runs."""
    ids = {one.run.id for one in runs}
    entries = await entries_of_runs(api, ids, expected=sum(len(one.run.steps) for one in runs))
    of_action = await audit_log.entries_of_action(api, ACTION_NAME)
    return Evidence(
        documents=tuple(room.stage.documents),
        runs=runs,
        audit=entries,
        audit_of_first_run=await audit_log.entries_of_run(api, runs[0].run.id),
        audit_of_action=tuple(entry for entry in of_action if entry.run_id in ids),
        deliveries=tuple(room.deliveries[before:]),
        messages=tuple(room.stage.slack.messages[messages:]),
    )
