"""Every row of the table, for every promise that an action can make."""

from datetime import timedelta

import pytest

from libs.contracts.codec import Json
from libs.contracts.events.catalog import Annotations
from libs.contracts.schema_gate import compile_schema
from services.dispatcher.delivery.classification import TABLE, Cause, Retry, cause_of, judge, repeatable
from services.dispatcher.delivery.outcome import Fault, Outcome
from services.dispatcher.delivery.verdict import Failure, Success

PLAIN = Annotations()
IDEMPOTENT = Annotations(idempotent=True)
READ_ONLY = Annotations(read_only=True)
DESTRUCTIVE = Annotations(destructive=True)
BOTH = Annotations(idempotent=True, destructive=True)


def answered(status: int, body: bytes = b"", **more: object) -> Outcome:
    return Outcome(True, timedelta(milliseconds=12), status=status, body=body, **more)  # type: ignore[arg-type]


def lost(fault: Fault, *, sent: bool, status: int | None = None) -> Outcome:
    return Outcome(sent, timedelta(milliseconds=12), status=status, fault=fault, fault_text="what the wire said")


OUTCOMES: dict[Cause, list[Outcome]] = {
    Cause.TARGET_DENIED: [lost(Fault.TARGET_DENIED, sent=False)],
    Cause.NOT_RESOLVED: [lost(Fault.NOT_RESOLVED, sent=False)],
    Cause.NOT_CONNECTED: [lost(Fault.NOT_CONNECTED, sent=False)],
    Cause.TLS_FAILED: [lost(Fault.TLS_FAILED, sent=False)],
    Cause.CONNECT_TIMEOUT: [lost(Fault.CONNECT_TIMEOUT, sent=False)],
    Cause.TIMEOUT: [lost(Fault.TIMEOUT, sent=True), lost(Fault.TIMEOUT, sent=True, status=200)],
    Cause.CUT_OFF: [lost(Fault.CUT_OFF, sent=True), lost(Fault.CUT_OFF, sent=True, status=200)],
    Cause.NOT_JSON: [
        answered(200, b"OK"),
        answered(200, b'{"a": NaN}'),
        answered(200, b'{"a":1,"a":2}'),
        answered(200, b"\xff"),
        answered(200, b" "),
        answered(200, b"{}", encoded=True),
    ],
    Cause.TOO_LARGE: [lost(Fault.TOO_LARGE, sent=True, status=200)],
    Cause.BREAKS_SCHEMA: [answered(200, b'{"summary": 3}')],
    Cause.REDIRECT: [answered(status) for status in (300, 301, 302, 303, 304, 307, 308)],
    Cause.NOT_TAKEN: [answered(status) for status in (408, 425, 429, 503)],
    Cause.REFUSED: [answered(status) for status in (400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 499)],
    Cause.FAILED: [
        *(answered(status) for status in (500, 501, 505, 507, 511)),
        lost(Fault.TOO_LARGE, sent=True, status=500),
    ],
    Cause.GATEWAY_FAILED: [answered(status) for status in (502, 504, 520, 524, 530)],
    Cause.ODD_STATUS: [answered(status) for status in (600, 999)],
}

# cause: (error type if repeatable, error type if not, retried if repeatable, retried if not, certainly not carried out)
EXPECTED: dict[Cause, tuple[str, str, bool, bool, bool]] = {
    Cause.TARGET_DENIED: ("fatal_error", "fatal_error", False, False, True),
    Cause.NOT_RESOLVED: ("activity_failed", "activity_failed", True, True, True),
    Cause.NOT_CONNECTED: ("activity_failed", "activity_failed", True, True, True),
    Cause.TLS_FAILED: ("activity_failed", "activity_failed", True, True, True),
    Cause.CONNECT_TIMEOUT: ("timeout", "timeout", True, True, True),
    Cause.TIMEOUT: ("timeout", "outcome_unknown", True, False, False),
    Cause.CUT_OFF: ("activity_failed", "outcome_unknown", True, False, False),
    Cause.NOT_JSON: ("contract_violation", "contract_violation", False, False, False),
    Cause.TOO_LARGE: ("contract_violation", "contract_violation", False, False, False),
    Cause.BREAKS_SCHEMA: ("contract_violation", "contract_violation", False, False, False),
    Cause.REDIRECT: ("activity_failed", "activity_failed", False, False, True),
    Cause.NOT_TAKEN: ("activity_failed", "activity_failed", True, True, True),
    Cause.REFUSED: ("activity_failed", "activity_failed", False, False, True),
    Cause.FAILED: ("activity_failed", "activity_failed", True, False, False),
    Cause.GATEWAY_FAILED: ("activity_failed", "outcome_unknown", True, False, False),
    Cause.ODD_STATUS: ("activity_failed", "outcome_unknown", True, False, False),
}
ROWS = [(cause, outcome) for cause, outcomes in OUTCOMES.items() for outcome in outcomes]
GATE = compile_schema({"type": "object", "properties": {"summary": {"type": "string"}}})


def failure(outcome: Outcome, annotations: Annotations) -> Failure:
    verdict = judge(outcome, annotations, GATE)
    assert isinstance(verdict, Failure)
    return verdict


def test_every_cause_has_a_row_an_outcome_and_an_expectation() -> None:
    assert set(TABLE) == set(Cause) == set(OUTCOMES) == set(EXPECTED)
    assert {fault.value for fault in Fault} <= {cause.value for cause in Cause}


@pytest.mark.parametrize(("cause", "outcome"), ROWS)
def test_an_outcome_is_judged_by_its_row(cause: Cause, outcome: Outcome) -> None:
    repeated, unrepeated, retried, retried_anyway, certain = EXPECTED[cause]
    for annotations in (IDEMPOTENT, READ_ONLY):
        told = failure(outcome, annotations)
        assert (told.error_type, told.retryable, told.certain) == (repeated, retried, certain)
        assert told.details["cause"] == cause.value
    told = failure(outcome, PLAIN)
    assert (told.error_type, told.retryable, told.certain) == (unrepeated, retried_anyway, certain)


@pytest.mark.parametrize(("cause", "outcome"), ROWS)
def test_a_destructive_action_is_never_sent_again(cause: Cause, outcome: Outcome) -> None:
    for annotations in (DESTRUCTIVE, BOTH):
        told = failure(outcome, annotations)
        assert not told.retryable
        assert told.error_type == EXPECTED[cause][1]


@pytest.mark.parametrize(("cause", "outcome"), ROWS)
def test_a_failure_tells_in_a_sentence_what_happened(cause: Cause, outcome: Outcome) -> None:
    sentence = failure(outcome, PLAIN).sentence
    assert sentence.startswith("expected ")
    assert ", but " in sentence
    assert TABLE[cause].meaning in sentence


def test_unknown_outcomes_are_retried_only_where_repeating_is_safe() -> None:
    for ruling in TABLE.values():
        assert ruling.certain or ruling.retry is not Retry.ALWAYS
        assert ruling.unrepeatable is None or ruling.retry is Retry.IF_REPEATABLE


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b"", None),
        (b"null", None),
        (b'{"summary":"short"}', {"summary": "short"}),
        (b" [1, 1.0, 9007199254740993] ", [1, 1.0, 9007199254740993]),
        (b'"text"', "text"),
        (b"false", False),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_answer_is_the_result(status: int, body: bytes, result: Json) -> None:
    verdict = judge(answered(status, body), PLAIN)
    assert isinstance(verdict, Success)
    assert verdict.result == result
    assert type(verdict.result) is type(result)


def test_an_empty_answer_that_says_it_is_compressed_is_still_empty() -> None:
    assert judge(answered(204, b"", encoded=True), PLAIN) == Success(None)


def test_a_broken_schema_names_the_pointer() -> None:
    told = failure(answered(200, b'{"summary": 3}'), PLAIN)
    assert "/summary: expected the type string" in told.sentence
    assert told.details["violations"] == [
        {"pointer": "/summary", "message": "expected the type string, but it is an integer"}
    ]


def test_retry_after_travels_with_the_failure() -> None:
    assert failure(answered(429, retry_after=timedelta(seconds=9)), PLAIN).retry_after == timedelta(seconds=9)


def test_details_tell_status_duration_and_the_beginning_of_the_answer() -> None:
    details = failure(answered(500, b"\xff" + b"x" * 5_000), PLAIN).details
    assert (details["status"], details["duration_ms"]) == (500, 12)
    assert isinstance(details["response_excerpt"], str)
    assert len(details["response_excerpt"]) == 500


def test_an_informational_status_is_odd() -> None:
    assert cause_of(answered(101)) is Cause.ODD_STATUS


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [(PLAIN, False), (IDEMPOTENT, True), (READ_ONLY, True), (DESTRUCTIVE, False), (BOTH, False)],
)
def test_repeatable_follows_the_promises(annotations: Annotations, expected: bool) -> None:
    assert repeatable(annotations) is expected
