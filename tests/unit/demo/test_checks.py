"""The comparison of the three sides notices each way in which they can differ."""

from dataclasses import replace

import pytest

from demo.answers import AuditEntry, Run, Step
from demo.checks import check_evidence, check_takeover
from demo.delivery_log import Delivery
from demo.kill_switch import KillSwitch
from demo.report import Check, DocumentRun, Evidence, Takeover
from demo.slack_double import SlackMessage

DOCUMENTS = ("bridge", "soup")
AT = "2026-01-01T00:00:00Z"


def run_of(doc_id: str, status: str = "completed") -> Run:
    steps = [
        Step(
            id="1", step_name="summarize", action="summarize-document", kind="worker_action", status=status, attempt=1
        ),
        Step(id="2", step_name="notify", action="slack.post-message", kind="server_action", status=status, attempt=1),
    ]
    return Run.model_validate({"id": f"run_{doc_id}", "status": status, "created_at": AT, "steps": steps})


def entry(doc_id: str, action: str, parameters: dict[str, str], status: str = "success") -> AuditEntry:
    times = {"started_at": AT, "finished_at": AT}
    ids = {"id": f"{action}/{doc_id}", "run_id": f"run_{doc_id}", "action_name": action}
    return AuditEntry.model_validate({**ids, **times, "parameters": parameters, "status": status, "retry_count": 0})


def summarised(doc_id: str) -> AuditEntry:
    return entry(doc_id, "summarize-document", {"doc_id": doc_id})


def notified(doc_id: str) -> AuditEntry:
    return entry(doc_id, "slack.post-message", {"channel": "#ops", "text": f"Summary complete for {doc_id}"})


def delivery(doc_id: str) -> Delivery:
    return Delivery(AT, f"dlv_{doc_id}", f"job_{doc_id}", f"run_{doc_id}", doc_id, 1, True, False, 200)


def message(doc_id: str) -> SlackMessage:
    return SlackMessage("C1", "#ops", f"Summary complete for {doc_id}", f"{doc_id}.1")


AUDIT = tuple(make(doc_id) for doc_id in DOCUMENTS for make in (summarised, notified))
GOOD = Evidence(
    documents=DOCUMENTS,
    runs=tuple(DocumentRun(doc_id, run_of(doc_id)) for doc_id in DOCUMENTS),
    audit=AUDIT,
    audit_of_first_run=(summarised("bridge"), notified("bridge")),
    audit_of_action=(summarised("bridge"), summarised("soup")),
    deliveries=tuple(map(delivery, DOCUMENTS)),
    messages=tuple(map(message, DOCUMENTS)),
)


def differences(evidence: Evidence, killed: str | None = None) -> list[str]:
    return [check.difference for check in check_evidence(evidence, killed) if not check.ok]


@pytest.mark.parametrize("killed", [None, "engine"])
def test_evidence_that_agrees_passes(killed: str | None) -> None:
    assert differences(GOOD, killed) == []


BAD = {
    "a run failed": (
        replace(GOOD, runs=(GOOD.runs[0], DocumentRun("soup", run_of("soup", "failed")))),
        "soup: it is not completed, and no error is known",
    ),
    "a run is missing": (replace(GOOD, runs=GOOD.runs[:1]), "soup"),
    "an invocation is not in the audit log": (replace(GOOD, audit=AUDIT[:2]), "soup: 1 against 0"),
    "an invocation is there twice": (replace(GOOD, audit=(*AUDIT, summarised("soup"))), "soup: 1 against 2"),
    "the receiver summarised one twice": (
        replace(GOOD, deliveries=(*GOOD.deliveries, delivery("soup"))),
        "soup: 1 against 2",
    ),
    "the receiver never saw one": (replace(GOOD, deliveries=GOOD.deliveries[:1]), "soup: 1 against 0"),
    "a delivery did not verify": (
        replace(GOOD, deliveries=(*GOOD.deliveries, replace(delivery("soup"), verified=False, status=401))),
        "dlv_soup",
    ),
    "a message is missing": (replace(GOOD, messages=GOOD.messages[:1]), "Summary complete for soup: 1 against 0"),
    "a message came twice": (
        replace(GOOD, messages=(*GOOD.messages, message("soup"))),
        "Summary complete for soup: 1 against 2",
    ),
    "the filter by run finds another run": (
        replace(GOOD, audit_of_first_run=(*GOOD.audit_of_first_run, summarised("soup"))),
        "summarize-document/soup: 1 against 2",
    ),
    "a delivery came twice": (
        replace(GOOD, deliveries=(*GOOD.deliveries, replace(delivery("soup"), repeated=True, attempt=2))),
        "soup (attempt 2)",
    ),
}


@pytest.mark.parametrize(("evidence", "difference"), BAD.values(), ids=BAD)
def test_evidence_that_differs_is_named(evidence: Evidence, difference: str) -> None:
    assert difference in differences(evidence)


def test_repeated_delivery_around_a_kill_is_told_and_no_error() -> None:
    repeated = replace(GOOD, deliveries=(*GOOD.deliveries, replace(delivery("soup"), repeated=True, attempt=2)))
    assert differences(repeated, killed="dispatcher") == []
    assert any("soup (attempt 2)" in check.sentence for check in check_evidence(repeated, killed="dispatcher"))


LOST = notified("soup").model_copy(update={"status": "failed", "error_type": "outcome_unknown"})
INTERRUPTED = replace(
    GOOD,
    runs=(GOOD.runs[0], DocumentRun("soup", run_of("soup", "failed"))),
    audit=(*AUDIT[:3], LOST),
)


@pytest.mark.parametrize("messages", [GOOD.messages, GOOD.messages[:1]], ids=["arrived", "not arrived"])
def test_message_under_way_at_a_kill_is_told_and_no_error(messages: tuple[SlackMessage, ...]) -> None:
    evidence = replace(INTERRUPTED, messages=messages)
    assert differences(evidence, killed="dispatcher") == []
    told = [check.sentence for check in check_evidence(evidence, "dispatcher") if "unknown" in check.sentence]
    assert len(told) == 1
    assert f"unknown, {len(messages) - 1} had arrived" in told[0]


def test_message_of_unknown_outcome_is_an_error_without_a_kill_and_when_it_comes_twice() -> None:
    assert differences(INTERRUPTED) != []
    twice = replace(INTERRUPTED, messages=(*GOOD.messages, message("soup")))
    assert "Summary complete for soup: 1 against 2" in differences(twice, killed="dispatcher")


TAKEN = Takeover(
    document=DocumentRun("bridge", run_of("bridge")),
    worker_id="worker",
    claimed_by=("worker",),
    jobs_of_worker=("job_bridge",),
    deliveries_during=(),
    audit=(summarised("bridge"), notified("bridge")),
)


@pytest.mark.parametrize(
    "takeover",
    [
        replace(TAKEN, claimed_by=("courier",)),
        replace(TAKEN, claimed_by=()),
        replace(TAKEN, jobs_of_worker=()),
        replace(TAKEN, deliveries_during=(delivery("bridge"),)),
        replace(TAKEN, audit=()),
        replace(TAKEN, document=DocumentRun("bridge", run_of("bridge", "failed"))),
    ],
)
def test_takeover_that_did_not_happen_is_noticed(takeover: Takeover) -> None:
    assert all(check.ok for check in check_takeover(TAKEN))
    assert not all(check.ok for check in check_takeover(takeover))


async def test_kill_switch_kills_once_after_a_third() -> None:
    killed: list[str] = []

    async def kill(service: str) -> None:
        killed.append(service)

    switch = KillSwitch("engine", documents=6, kill=kill)
    switch.hear(delivery("a"))
    switch.hear(delivery("a"))
    assert not switch.check().ok
    switch.hear(delivery("b"))
    await switch.wait_and_kill()
    assert killed == ["engine"]
    assert switch.check() == Check("The engine was killed after 2 of 6 documents")
