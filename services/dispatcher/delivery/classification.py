"""The one table that says what an attempt amounts to.

`retry` is what the annotations decide (a step's own retry policy comes on top of it):

- `ALWAYS`: the other side did not take the request, so that sending it again repeats nothing;
- `IF_REPEATABLE`: only an `idempotent` or `read_only` action is sent again;
- `NEVER`: another attempt would end the same way.

A `destructive` action is never sent again automatically, whatever the table says.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from libs.contracts.codec import InvalidJson, Json, parse_json
from libs.contracts.events.catalog import Annotations
from libs.contracts.schema_gate import Gate
from services.dispatcher.delivery.outcome import Fault, Outcome
from services.dispatcher.delivery.verdict import Failure, Success, Verdict

NOT_TAKEN_STATUSES: Final = frozenset({408, 425, 429, 503})
GATEWAY_STATUSES: Final = frozenset({502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530})


class Retry(Enum):
    """Whether another attempt is made without asking anybody."""

    ALWAYS = "always"
    IF_REPEATABLE = "if_repeatable"
    NEVER = "never"


class Cause(Enum):
    """Everything that can come of an attempt, other than a result."""

    TARGET_DENIED = "target_denied"
    NOT_RESOLVED = "not_resolved"
    NOT_CONNECTED = "not_connected"
    TLS_FAILED = "tls_failed"
    CONNECT_TIMEOUT = "connect_timeout"
    TIMEOUT = "timeout"
    CUT_OFF = "cut_off"
    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    BREAKS_SCHEMA = "breaks_schema"
    REDIRECT = "redirect"
    NOT_TAKEN = "not_taken"
    REFUSED = "refused"
    FAILED = "failed"
    GATEWAY_FAILED = "gateway_failed"
    ODD_STATUS = "odd_status"


@dataclass(frozen=True)
class Ruling:
    """One row: `error_type` for the workflow, `unrepeatable` instead of it for an action that may not be repeated,
    `certain` when the action was surely not carried out, and what the row means."""

    error_type: str
    retry: Retry
    certain: bool
    meaning: str
    unrepeatable: str | None = None


_LOST: Final = "outcome_unknown"
_TOLD_CHARS: Final = 500

TABLE: Final[dict[Cause, Ruling]] = {
    Cause.TARGET_DENIED: Ruling(
        "fatal_error", Retry.NEVER, True, "the URL or its address is none that this installation may send to"
    ),
    Cause.NOT_RESOLVED: Ruling("activity_failed", Retry.ALWAYS, True, "the host name has no address"),
    Cause.NOT_CONNECTED: Ruling("activity_failed", Retry.ALWAYS, True, "no connection, before a byte was sent"),
    Cause.TLS_FAILED: Ruling("activity_failed", Retry.ALWAYS, True, "no trusted TLS, before a byte was sent"),
    Cause.CONNECT_TIMEOUT: Ruling("timeout", Retry.ALWAYS, True, "no connection in time, before a byte was sent"),
    Cause.TIMEOUT: Ruling("timeout", Retry.IF_REPEATABLE, False, "no complete answer in time", _LOST),
    Cause.CUT_OFF: Ruling(
        "activity_failed", Retry.IF_REPEATABLE, False, "the connection broke before the answer was complete", _LOST
    ),
    Cause.NOT_JSON: Ruling("contract_violation", Retry.NEVER, False, "a 2xx answer whose body is not JSON"),
    Cause.TOO_LARGE: Ruling("contract_violation", Retry.NEVER, False, "a 2xx answer over the size limit"),
    Cause.BREAKS_SCHEMA: Ruling("contract_violation", Retry.NEVER, False, "a result that breaks the output schema"),
    Cause.REDIRECT: Ruling("activity_failed", Retry.NEVER, True, "a redirect, which is never followed (3xx)"),
    Cause.NOT_TAKEN: Ruling("activity_failed", Retry.ALWAYS, True, "not now (408, 425, 429, 503)"),
    Cause.REFUSED: Ruling("activity_failed", Retry.NEVER, True, "refused (any other 4xx)"),
    Cause.FAILED: Ruling("activity_failed", Retry.IF_REPEATABLE, False, "the endpoint failed (any other 5xx)"),
    Cause.GATEWAY_FAILED: Ruling(
        "activity_failed", Retry.IF_REPEATABLE, False, "a gateway lost the endpoint (502, 504, 52x, 530)", _LOST
    ),
    Cause.ODD_STATUS: Ruling("activity_failed", Retry.IF_REPEATABLE, False, "a status that HTTP does not know", _LOST),
}


def judge(outcome: Outcome, annotations: Annotations, output_gate: Gate | None = None) -> Verdict:
    """The result of a delivery, or its failure by the table."""
    cause = cause_of(outcome)
    if cause is not None:
        return ruled(cause, annotations, outcome, _told(outcome))
    try:
        result = parse_json(outcome.body) if outcome.body else None
    except InvalidJson as error:
        return ruled(Cause.NOT_JSON, annotations, outcome, str(error))
    return _gated(result, outcome, annotations, output_gate)


def cause_of(outcome: Outcome) -> Cause | None:
    """The row of an outcome; None when its body is to be read as the result."""
    status = outcome.status
    is_2xx = status is not None and 200 <= status < 300
    if outcome.fault is not None and (outcome.fault is not Fault.TOO_LARGE or is_2xx):
        return Cause(outcome.fault.value)
    if is_2xx:
        return Cause.NOT_JSON if outcome.encoded and outcome.body else None
    return _cause_of_status(status or 0)


def repeatable(annotations: Annotations) -> bool:
    """Whether the action promises that carrying it out twice is no different from once."""
    return (annotations.idempotent or annotations.read_only) and not annotations.destructive


def ruled(cause: Cause, annotations: Annotations, outcome: Outcome, told: str) -> Failure:
    """The failure of a row. `told` is what the other side or the wire said; the beginning of it is quoted."""
    ruling = TABLE[cause]
    error_type = ruling.error_type
    if ruling.unrepeatable is not None and not repeatable(annotations):
        error_type = ruling.unrepeatable
    quoted = f": {told[:_TOLD_CHARS]}" if told else ""
    details: dict[str, Json] = {"cause": cause.value, "duration_ms": round(outcome.duration.total_seconds() * 1000)}
    if outcome.status is not None:
        details |= {"status": outcome.status, "response_excerpt": outcome.excerpt}
    return Failure(
        error_type=error_type,
        sentence=f"expected a 2xx answer with a JSON body, but {ruling.meaning}{quoted}",
        retryable=may_retry(ruling.retry, annotations),
        certain=ruling.certain,
        retry_after=outcome.retry_after,
        details=details,
    )


def may_retry(retry: Retry, annotations: Annotations) -> bool:
    """What the annotations make of a row's retry."""
    if annotations.destructive or retry is Retry.NEVER:
        return False
    return retry is Retry.ALWAYS or repeatable(annotations)


def _cause_of_status(status: int) -> Cause:
    if status in NOT_TAKEN_STATUSES:
        return Cause.NOT_TAKEN
    if status in GATEWAY_STATUSES:
        return Cause.GATEWAY_FAILED
    return {3: Cause.REDIRECT, 4: Cause.REFUSED, 5: Cause.FAILED}.get(status // 100, Cause.ODD_STATUS)


def _told(outcome: Outcome) -> str:
    return outcome.fault_text or (f"status {outcome.status}" if outcome.status is not None else "")


def _gated(result: Json, outcome: Outcome, annotations: Annotations, gate: Gate | None) -> Verdict:
    violations = gate.violations(result) if gate is not None else []
    if not violations:
        return Success(result)
    first = violations[0]
    failure = ruled(Cause.BREAKS_SCHEMA, annotations, outcome, f"{first.pointer or '/'}: {first.message}")
    listed: list[Json] = [{"pointer": one.pointer, "message": one.message} for one in violations]
    return Failure(
        failure.error_type,
        failure.sentence,
        failure.retryable,
        failure.certain,
        details={**failure.details, "violations": listed},
    )
