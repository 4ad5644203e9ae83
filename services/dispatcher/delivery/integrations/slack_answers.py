"""What Slack's answers amount to. Slack answers 200 with an error word to most of what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from libs.contracts.codec import Json
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.classification import Retry, cause_of, may_retry, ruled
from services.dispatcher.delivery.integrations.redaction import text_without
from services.dispatcher.delivery.outcome import Fault, Outcome
from services.dispatcher.delivery.retry_after import parse_retry_after
from services.dispatcher.delivery.verdict import Failure

_WORD_CHARS = 100


@dataclass(frozen=True)
class Answer:
    """What there is of an answer: `error` is Slack's word, when the body has one."""

    status: int
    headers: Mapping[str, str]
    error: str | None


@dataclass(frozen=True)
class WordRuling:
    """One row: what an error word means for the workflow."""

    error_type: str
    retry: Retry
    certain: bool


_NOT_NOW: Final = WordRuling("activity_failed", Retry.ALWAYS, certain=True)
_HALF_DONE: Final = WordRuling("outcome_unknown", Retry.IF_REPEATABLE, certain=False)
_MISCONFIGURED: Final = WordRuling("fatal_error", Retry.NEVER, certain=True)
_REFUSED: Final = WordRuling("activity_failed", Retry.NEVER, certain=True)

ERROR_WORDS: Final[dict[str, WordRuling]] = {
    **dict.fromkeys(("ratelimited", "rate_limited", "request_timeout", "service_unavailable"), _NOT_NOW),
    **dict.fromkeys(("internal_error", "fatal_error"), _HALF_DONE),
    **dict.fromkeys(
        (
            "access_denied",
            "account_inactive",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "invalid_auth",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "not_authed",
            "org_login_required",
            "team_access_not_granted",
            "token_expired",
            "token_revoked",
            "two_factor_setup_required",
            "unknown_method",
        ),
        _MISCONFIGURED,
    ),
}
"""Every other word (`channel_not_found`, `not_in_channel`, `invalid_blocks`, …) is a refusal for good."""


def answer_failure(answer: Answer, annotations: Annotations, most_pause: timedelta) -> Failure:
    """The failure of an answer that came whole and is no success."""
    pause = parse_retry_after(answer.headers.get("Retry-After"), datetime.now(UTC), most_pause)
    if answer.error is None:
        outcome = Outcome(True, timedelta(0), status=answer.status, retry_after=pause)
        cause = cause_of(outcome)
        return _not_slack(answer) if cause is None else ruled(cause, annotations, outcome, f"status {answer.status}")
    ruling = ERROR_WORDS.get(answer.error, _REFUSED)
    details: dict[str, Json] = {"cause": "slack_error", "slack_error": answer.error, "status": answer.status}
    return Failure(
        error_type=ruling.error_type,
        sentence=f"expected Slack to do it, but it answered {answer.error}",
        retryable=may_retry(ruling.retry, annotations),
        certain=ruling.certain,
        retry_after=pause,
        details=details,
    )


def wire_failure(fault: Fault, text: str, annotations: Annotations) -> Failure:
    """The failure of a call without a whole answer."""
    outcome = Outcome(fault in (Fault.TIMEOUT, Fault.CUT_OFF), timedelta(0), fault=fault, fault_text=text)
    cause = cause_of(outcome)
    assert cause is not None
    return ruled(cause, annotations, outcome, text)


def error_word(data: object, token: str) -> str | None:
    """Slack's word inside a body, without the token."""
    error = data.get("error") if isinstance(data, Mapping) else None
    return text_without(error, [token])[:_WORD_CHARS] if isinstance(error, str) and error else None


def _not_slack(answer: Answer) -> Failure:
    return Failure(
        "outcome_unknown",
        f"expected an answer of Slack, but it is another (status {answer.status})",
        retryable=False,
        certain=False,
        details={"cause": "not_slack", "status": answer.status},
    )
