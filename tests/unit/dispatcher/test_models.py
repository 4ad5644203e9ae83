"""What a worker reports is read as everything else from outside is."""

from base64 import b64encode

import pytest

from services.dispatcher.api.models import BadResult, FenceBody, decode_result
from services.dispatcher.domain.reports import session_proof


@pytest.mark.parametrize("raw", [b'{"a": NaN}', b'{"a":1,"a":2}', b"1e309", b'"\\u0000"', b"{"])
def test_a_result_is_read_as_everything_from_outside_is(raw: bytes) -> None:
    with pytest.raises(BadResult, match="expected base64 of JSON, but "):
        decode_result(b64encode(raw).decode())


@pytest.mark.parametrize("text", ["é", "\u0099", "a", "YQ", "Y Q=", "_w=="])
def test_a_result_that_is_no_base64_is_refused_as_such(text: str) -> None:
    with pytest.raises(BadResult, match=r"expected base64 .*, but it does not decode"):
        decode_result(text)


def test_a_result_comes_with_its_length() -> None:
    assert decode_result(b64encode(b'{"a": 1}').decode()) == ({"a": 1}, 8)
    assert decode_result(None) == (None, 0)


def test_of_a_session_token_a_body_keeps_only_the_proof() -> None:
    body = FenceBody.model_validate_json('{"worker_session_token": "of-a-worker", "attempt": 1}')

    assert body.worker_session_token == session_proof("of-a-worker")
    assert "of-a-worker" not in repr(body)
