import hashlib

import pytest

from libs.contracts.action_secrets import secret_aad
from libs.contracts.api_keys import TOKEN_FORM, new_token, token_sha256


@pytest.mark.parametrize("random_bytes", [bytes(32), bytes([255] * 32), bytes(range(32))])
def test_a_new_token_has_the_form(random_bytes: bytes) -> None:
    token = new_token(random_bytes)

    assert TOKEN_FORM.fullmatch(token)
    assert len(token) == 47


def test_different_bytes_make_different_tokens() -> None:
    assert len({new_token(bytes([number] * 32)) for number in range(256)}) == 256


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 32 random bytes, but got 31"):
        new_token(bytes(31))


def test_the_hash_is_over_the_whole_token() -> None:
    assert token_sha256("mbx_a") == hashlib.sha256(b"mbx_a").hexdigest()


def test_a_secret_is_bound_to_project_action_and_version() -> None:
    bindings = {secret_aad("p", "a", 1), secret_aad("p", "a", 2), secret_aad("p", "b", 1)}

    assert len(bindings | {secret_aad("q", "a", 1)}) == 4
