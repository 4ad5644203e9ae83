import pytest

from libs.chassis.sealing import CannotOpen, Sealed, Sealer
from libs.contracts.action_secrets import secret_aad
from services.catalog.api.secret_mint import SecretMint

SEALER = Sealer({"k": bytes(32)}, "k")


def test_what_is_sealed_is_what_is_answered() -> None:
    secret, kept = SecretMint(SEALER).make("blue", "send", 1)

    assert secret.startswith("whsec_")
    assert secret not in kept.sealed
    assert SEALER.open(Sealed.parse(kept.sealed), secret_aad("blue", "send", 1)).decode() == secret


def test_a_secret_does_not_open_for_another_action() -> None:
    _, kept = SecretMint(SEALER).make("blue", "send", 1)

    with pytest.raises(CannotOpen):
        SEALER.open(Sealed.parse(kept.sealed), secret_aad("blue", "receive", 1))


def test_no_two_secrets_are_the_same() -> None:
    mint = SecretMint(SEALER)

    assert len({mint.make("blue", "send", 1)[0] for _ in range(100)}) == 100
