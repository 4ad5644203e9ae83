"""What GitHub's answers amount to. It says 403 both to who may not and to who asks too often."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from libs.contracts.codec import InvalidJson, parse_json
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.classification import Cause, cause_of, ruled
from services.dispatcher.delivery.outcome import Fault, Outcome
from services.dispatcher.delivery.retry_after import parse_retry_after
from services.dispatcher.delivery.verdict import Failure

_MESSAGE_CHARS: Final = 200
_DIGITS: Final = 12


@dataclass(frozen=True)
class Answer:
    """An answer as it came. `headers` finds names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer_failure(answer: Answer, annotations: Annotations, now: datetime, most_pause: timedelta) -> Failure:
    """The failure of an answer that came whole and is no success."""
    pause = _pause(answer, now, most_pause)
    outcome = Outcome(True, timedelta(0), status=answer.status, body=answer.body, retry_after=pause)
    told = f"status {answer.status}" + (f", {message}" if (message := _message(answer.body)) else "")
    if answer.status in (403, 429) and pause is not None:
        return ruled(Cause.NOT_TAKEN, annotations, outcome, told)
    cause = cause_of(outcome)
    if cause is None:
        return _not_github(answer)
    failure = ruled(cause, annotations, outcome, told)
    return replace(failure, error_type="fatal_error") if answer.status in (401, 403) else failure


def wire_failure(fault: Fault, text: str, annotations: Annotations) -> Failure:
    """The failure of a call without a whole answer."""
    outcome = Outcome(fault in (Fault.TIMEOUT, Fault.CUT_OFF), timedelta(0), fault=fault, fault_text=text)
    cause = cause_of(outcome)
    assert cause is not None
    return ruled(cause, annotations, outcome, text)


def _pause(answer: Answer, now: datetime, most: timedelta) -> timedelta | None:
    """By Retry-After, or until the moment at which an exhausted allowance is filled again."""
    asked = parse_retry_after(answer.headers.get("Retry-After"), now, most)
    if asked is not None or answer.headers.get("X-RateLimit-Remaining") != "0":
        return asked
    reset = answer.headers.get("X-RateLimit-Reset", "")
    if not (reset.isascii() and reset.isdigit() and len(reset) <= _DIGITS):
        return None
    return min(most, max(timedelta(0), datetime.fromtimestamp(int(reset), UTC) - now))


def _message(body: bytes) -> str:
    """GitHub's own sentence, with the fields that it names."""
    try:
        told = parse_json(body)
    except InvalidJson:
        return ""
    if not isinstance(told, dict) or not isinstance(told.get("message"), str):
        return ""
    errors = told.get("errors")
    named = [one.get("field") for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    fields = ", ".join(str(field) for field in named if field)
    return (str(told["message"]) + (f" ({fields})" if fields else ""))[:_MESSAGE_CHARS]


def _not_github(answer: Answer) -> Failure:
    return Failure(
        "outcome_unknown",
        f"expected an answer of GitHub, but it is another (status {answer.status})",
        retryable=False,
        certain=False,
        details={"cause": "not_github", "status": answer.status},
    )
