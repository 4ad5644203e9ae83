"""What is sealed for one place opens in no other: whatever tells a row from others is bound to its text."""

from collections.abc import Callable

import pytest

from libs.chassis.sealing import CannotOpen, Sealer
from libs.contracts.action_secrets import secret_aad
from libs.contracts.integration_credentials import credentials_aad
from services.catalog.store.kept_answers import Request

SEALER = Sealer({"k1": bytes(32)}, "k1")
ANSWER = Request("blue", "key_a", "one", "ab12")


@pytest.mark.parametrize(
    ("here", "elsewhere"),
    [
        (lambda: secret_aad("blue", "send", 1), lambda: secret_aad("green", "send", 1)),
        (lambda: secret_aad("blue", "send", 1), lambda: secret_aad("blue", "fetch", 1)),
        (lambda: secret_aad("blue", "send", 1), lambda: secret_aad("blue", "send", 2)),
        (lambda: credentials_aad("blue", "github"), lambda: credentials_aad("green", "github")),
        (lambda: credentials_aad("blue", "github"), lambda: credentials_aad("blue", "slack")),
        (ANSWER.aad, lambda: Request("green", "key_a", "one", "ab12").aad()),
        (ANSWER.aad, lambda: Request("blue", "key_b", "one", "ab12").aad()),
        (ANSWER.aad, lambda: Request("blue", "key_a", "two", "ab12").aad()),
        (ANSWER.aad, lambda: Request("blue", "key_a", "one", "cd34").aad()),
    ],
    ids=[
        "signing-secret-project",
        "signing-secret-action",
        "signing-secret-version",
        "credentials-project",
        "credentials-integration",
        "kept-answer-project",
        "kept-answer-caller",
        "kept-answer-key",
        "kept-answer-request",
    ],
)
def test_a_sealed_text_opens_in_its_place_alone(here: Callable[[], bytes], elsewhere: Callable[[], bytes]) -> None:
    sealed = SEALER.seal(b"secret", here())

    assert SEALER.open(sealed, here()) == b"secret"
    with pytest.raises(CannotOpen):
        SEALER.open(sealed, elsewhere())


def test_the_kinds_of_sealed_text_are_told_apart() -> None:
    kinds = {secret_aad("a", "b", 1), credentials_aad("a", "b"), Request("a", "b", "1", "").aad()}

    assert len(kinds) == 3
