"""Parts die or restart in the middle of the demo's work, and it finishes as if they had not."""

from collections import Counter
from collections.abc import Iterator

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
from tests.e2e.installation import Installation
from tests.e2e.reading_room import ReadingRoom
from tests.e2e.switches import armed

CONCURRENCY = 8


def nightly(*parts: str) -> Iterator[object]:
    """Parts whose turn is at night: by day the storm of `tests/chaos` strikes them all."""
    return (pytest.param(part, marks=pytest.mark.nightly) for part in parts)


@pytest.mark.parametrize(
    "part",
    ["dispatcher", "postgres", "kafka", *nightly("catalog", "engine", "audit", "gateway")],
)
async def test_after_a_kill_every_document_is_summarised_as_often_as_the_audit_log_says(
    reading_room: ReadingRoom, api: MobiusApi, installation: Installation, part: str
) -> None:
    stack = installation.stack
    if part == "kafka" and stack.lost_sentence:
        pytest.skip("the fallback broker keeps nothing")
    pid = stack.pid(part)
    evidence = await interrupted(reading_room, api, KillSwitch(part, len(reading_room.stage.documents), stack.kill))
    await stack.until_ready(part)

    assert stack.pid(part) != pid
    assert summarised(evidence) == audited(evidence) == Counter(evidence.documents)
    assert [check.difference for check in check_evidence(evidence, part) if not check.ok] == []


@pytest.mark.parametrize("service", ["engine", *nightly("catalog", "dispatcher", "audit")])
async def test_a_gentle_restart_repeats_nothing_and_loses_nothing(
    reading_room: ReadingRoom, api: MobiusApi, installation: Installation, service: str
) -> None:
    switch = KillSwitch(service, len(reading_room.stage.documents), installation.stack.restart)
    evidence = await interrupted(reading_room, api, switch)

    assert summarised(evidence) == audited(evidence) == Counter(evidence.documents)
    # as if nothing had been interrupted: no delivery came twice, no outcome is unknown
    assert [check.difference for check in check_evidence(evidence, None) if not check.ok] == []


def summarised(evidence: Evidence) -> Counter[str]:
    """How often the receiver did the work, by document."""
    return Counter(one.doc_id for one in evidence.deliveries if one.status == 200 and not one.repeated)


def audited(evidence: Evidence) -> Counter[str]:
    """How often the audit log says that it was done."""
    done = (entry for entry in evidence.audit if (entry.action_name, entry.status) == (ACTION_NAME, "success"))
    return Counter(str(entry.parameters["doc_id"]) for entry in done)


async def interrupted(room: ReadingRoom, api: MobiusApi, switch: KillSwitch) -> Evidence:
    """Processes every document with the switch armed; what the three sides say about these runs."""
    documents, before, messages = room.stage.documents, len(room.deliveries), len(room.stage.slack.messages)
    async with armed(room.stage.receiver, switch):
        runs = await process(api, room.workflow, documents, Board(len(documents), 2), CONCURRENCY)
    assert switch.check().difference == ""
    entries = await entries_of_runs(api, ids_of(runs), expected=sum(len(one.run.steps) for one in runs))
    of_action = await audit_log.entries_of_action(api, ACTION_NAME)
    return Evidence(
        documents=tuple(documents),
        runs=runs,
        audit=entries,
        audit_of_first_run=await audit_log.entries_of_run(api, runs[0].run.id),
        audit_of_action=tuple(entry for entry in of_action if entry.run_id in ids_of(runs)),
        deliveries=tuple(room.deliveries[before:]),
        messages=tuple(room.stage.slack.messages[messages:]),
    )


def ids_of(runs: tuple[DocumentRun, ...]) -> set[str]:
    return {one.run.id for one in runs}
