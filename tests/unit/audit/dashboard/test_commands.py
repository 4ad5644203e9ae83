"""What the API refuses, read back: nothing of it gets lost, and what is no refusal of the API is told apart."""

import pytest

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import (
    NOT_FOUND,
    UNAUTHORIZED,
    UNCLEAR,
    bad_request,
    envelope,
    error_of,
    forbidden,
    status_of,
)
from libs.chassis.http.neighbour import Reply
from services.audit.dashboard.commands import refusal_of

REFUSALS = (
    NOT_FOUND,
    UNAUTHORIZED,
    UNCLEAR,
    forbidden("expected the role author, but this key has viewer"),
    bad_request("expected an URL, but it is none", "endpoint_url"),
    Rejected("already_exists", "expected a new name, but it is taken", "name"),
    Rejected("invalid_state", "expected it as known", "header.If-Match", "precondition_failed", {"current_tag": "a-2"}),
    Rejected("invalid_state", "expected an unused action", code="action_in_use", details={"workflows": [{"id": "w"}]}),
    Rejected("exhausted", "expected room for another run, but there is none"),
)


@pytest.mark.parametrize("refused", REFUSALS, ids=lambda one: one.sentence[:30])
def test_a_refusal_of_the_api_comes_back_with_its_status_and_everything_it_says(refused: Rejected) -> None:
    read = refusal_of(Reply(status_of(refused), envelope(refused)))

    assert status_of(read) == status_of(refused)
    assert error_of(read) == error_of(refused)


@pytest.mark.parametrize("body", [b"", b"<h1>Bad gateway</h1>", b"[]", b'{"error": "away"}', b'{"error": {}}'])
@pytest.mark.parametrize("status", [400, 404, 500, 502])
def test_what_somebody_in_between_answers_is_no_refusal_of_the_api(status: int, body: bytes) -> None:
    read = refusal_of(Reply(status, body))

    assert status_of(read) == 500
    assert read.sentence.startswith(f"expected the API to carry this out, but it answered {status}")


def test_a_fault_of_the_api_does_not_tell_its_visitor_what_it_said() -> None:
    fault = Rejected("invalid_state", "expected to answer, but something broke here", code="internal")

    assert "answered 500" in refusal_of(Reply(500, envelope(fault))).sentence
