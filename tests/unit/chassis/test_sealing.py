"""Sealed text opens in its place, under its key, unchanged; and nowhere else."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.sealing import CannotOpen, Sealed, Sealer

OLD, NEW = base64.b64encode(b"o" * 32).decode(), base64.b64encode(b"n" * 32).decode()
SEALER = Sealer.from_base64(OLD)


@given(st.binary(), st.binary())
def test_sealed_text_opens_where_it_was_sealed(plaintext: bytes, place: bytes) -> None:
    sealed = Sealed.parse(str(SEALER.seal(plaintext, place)))
    assert SEALER.open(sealed, place) == plaintext


@given(st.data())
def test_one_flipped_bit_does_not_open(data: st.DataObject) -> None:
    sealed = SEALER.seal(b"whsec_something", b"act_1")
    at = data.draw(st.integers(0, len(sealed.ciphertext) * 8 - 1))
    changed = bytearray(sealed.ciphertext)
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises(CannotOpen):
        SEALER.open(replace(sealed, ciphertext=bytes(changed)), b"act_1")


def test_sealed_text_does_not_open_in_another_place() -> None:
    with pytest.raises(CannotOpen, match="changed or moved"):
        SEALER.open(SEALER.seal(b"secret", b"act_1"), b"act_2")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert SEALER.seal(b"secret", b"").nonce != SEALER.seal(b"secret", b"").nonce


def test_after_a_rotation_old_text_opens_and_new_text_has_the_new_key() -> None:
    sealed = SEALER.seal(b"secret", b"act_1")
    rotated = Sealer.from_base64(f"{NEW}, {OLD}")
    assert rotated.open(sealed, b"act_1") == b"secret"
    assert rotated.seal(b"secret", b"act_1").key_id == Sealer.from_base64(NEW).active
    with pytest.raises(CannotOpen, match="expected a key that is configured"):
        Sealer.from_base64(NEW).open(sealed, b"act_1")


@pytest.mark.parametrize("text", ["", "v1.k.n", "v2.k.AAAA.AAAA", "v1.k.!!.AAAA", "v1.k.A.AAAA", "v1.k.é.AAAA"])
def test_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(CannotOpen):
        SEALER.open(Sealed.parse(text), b"")


@pytest.mark.parametrize("key", ["", "short", base64.b64encode(b"x" * 31).decode(), f"{OLD},nonsense"])
def test_a_master_key_of_another_form_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        Sealer.from_base64(key)
    assert not key or key not in str(caught.value)
