"""The small pure parts of a delivery: envelope, headers, Retry-After, pace, faults."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import dump_json, parse_json
from libs.contracts.signing import new_signing_secret
from services.dispatcher.delivery.envelope import Invocation, encode_body
from services.dispatcher.delivery.faults import fault_of
from services.dispatcher.delivery.outcome import FORBIDDEN_HEADERS, Delivery, Fault
from services.dispatcher.delivery.retry_after import parse_retry_after
from services.dispatcher.delivery.retry_pace import RetryPace
from services.dispatcher.delivery.target_guard import TargetDenied
from services.dispatcher.delivery.verdict import Failure

SECRET = new_signing_secret(bytes(32))
NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _invocation(parameters: "dict[str, object] | bytes") -> Invocation:
    return Invocation("run_1", "step", parameters, "default", "act", "job_1", 2, "dlv_1", dry_run=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("raw", [b'{"a":1}', b'{"a":1.0,"b":12345678901234567890}', b'{ "a" : 1e2 }', b"{}"])
def test_parameters_given_as_bytes_are_sent_as_they_are(raw: bytes) -> None:
    body = encode_body(_invocation(raw))
    assert b'"parameters":' + raw + b"," in body
    assert parse_json(body) == parse_json(encode_body(_invocation(parse_json(raw))))  # type: ignore[arg-type]


def test_the_body_has_exactly_these_members() -> None:
    body = parse_json(encode_body(_invocation({})))
    assert isinstance(body, dict)
    assert list(body) == [
        "run_id",
        "step_key",
        "parameters",
        "project",
        "action",
        "job_id",
        "attempt",
        "delivery_id",
        "dry_run",
    ]
    assert body["dry_run"] is True


@pytest.mark.parametrize(
    "name", [*sorted(FORBIDDEN_HEADERS), "Host", "CONTENT-LENGTH", "Transfer-Encoding", "Proxy-Authorization"]
)
def test_a_caller_cannot_set_what_frames_or_signs_the_request(name: str) -> None:
    with pytest.raises(ValueError, match="may set"):
        Delivery("http://example.com", b"{}", (SECRET,), "dlv_1", headers={name: "x"})


@pytest.mark.parametrize(("name", "value"), [("x", "a\r\nHost: b"), ("x y", "a"), ("x:", "a"), ("", "a"), ("x", "é")])
def test_a_header_cannot_smuggle_another(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        Delivery("http://example.com", b"{}", (SECRET,), "dlv_1", headers={name: value})


def test_secrets_are_not_in_the_representation_of_a_delivery() -> None:
    assert SECRET not in repr(Delivery("http://example.com", b"{}", (SECRET,), "dlv_1"))


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("0", timedelta(0)),
        (" 17 ", timedelta(seconds=17)),
        ("9" * 500, HOUR),
        ("Thu, 31 Jan 2030 12:00:30 GMT", timedelta(seconds=30)),
        ("Thu, 31 Jan 2030 11:00:00 GMT", timedelta(0)),
        ("Thu, 31 Jan 2030 12:00:30", timedelta(seconds=30)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", HOUR),
        ("Thu, 99 Jan 2030 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_within_its_bounds(value: str | None, pause: timedelta | None) -> None:
    assert parse_retry_after(value, NOW, HOUR) == pause


@given(st.text(max_size=50))
def test_any_retry_after_is_read_without_an_error(value: str) -> None:
    pause = parse_retry_after(value, NOW, HOUR)
    assert pause is None or timedelta(0) <= pause <= HOUR


def _failure(*, retryable: bool = True, retry_after: timedelta | None = None) -> Failure:
    return Failure("activity_failed", "expected, but", retryable, True, retry_after)


def test_pauses_double_up_to_the_most() -> None:
    pace = RetryPace(attempts=100, base=timedelta(seconds=1), most=timedelta(seconds=10))
    pauses = [pace.pause_after(_failure(), made, 1.0) for made in (1, 2, 3, 4, 5, 99)]
    assert pauses == [timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 10, 10)]


def test_jitter_takes_away_half_at_most() -> None:
    assert RetryPace().pause_after(_failure(), 1, 0.0) == timedelta(seconds=0.5)


def test_retry_after_is_waited_for_at_least() -> None:
    assert RetryPace().pause_after(_failure(retry_after=timedelta(seconds=90)), 1, 0.5) == timedelta(seconds=90)


@pytest.mark.parametrize(("retryable", "made"), [(False, 1), (True, 4), (True, 5)])
def test_there_is_no_further_attempt_without_leave_or_left_over(retryable: bool, made: int) -> None:
    assert RetryPace(attempts=4).pause_after(_failure(retryable=retryable), made, 0.5) is None


def test_the_guards_refusal_is_found_inside_what_the_client_made_of_it() -> None:
    try:
        try:
            raise TargetDenied("10.0.0.1", "a private network")
        except TargetDenied as denied:
            raise aiohttp.ClientError("wrapped") from denied
    except aiohttp.ClientError as error:
        fault, text = fault_of(error, connected=False)
    assert fault is Fault.TARGET_DENIED
    assert text == "expected an address that this installation may send to, but 10.0.0.1 is a private network"


@pytest.mark.parametrize(
    ("error", "before", "after"),
    [
        (TimeoutError(), Fault.CONNECT_TIMEOUT, Fault.TIMEOUT),
        (aiohttp.ServerTimeoutError(), Fault.CONNECT_TIMEOUT, Fault.TIMEOUT),
        (aiohttp.ServerDisconnectedError(), Fault.NOT_CONNECTED, Fault.CUT_OFF),
        (ConnectionResetError(), Fault.NOT_CONNECTED, Fault.CUT_OFF),
        (aiohttp.ClientPayloadError(), Fault.NOT_CONNECTED, Fault.CUT_OFF),
        (aiohttp.InvalidURL("x"), Fault.TARGET_DENIED, Fault.CUT_OFF),
    ],
)
def test_an_error_is_told_apart_by_whether_there_was_a_connection(
    error: Exception, before: Fault, after: Fault
) -> None:
    assert fault_of(error, connected=False)[0] is before
    assert fault_of(error, connected=True)[0] is after


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), st.integers(-(2**63), 2**64 - 1)))
def test_integers_survive_the_envelope(parameters: dict[str, int]) -> None:
    if any("\0" in key for key in parameters):
        return
    body = parse_json(encode_body(_invocation(dump_json(parameters))))
    assert isinstance(body, dict)
    assert body["parameters"] == parameters
