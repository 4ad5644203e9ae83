"""`Idempotency-Key` as callers write it."""

import pytest

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import status_of
from libs.chassis.http.idempotency import IN_USE, REUSED, idempotency_key


@pytest.mark.parametrize("key", [None, "1", "k" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
def test_a_key_is_taken_as_it_stands(key: str | None) -> None:
    assert idempotency_key({} if key is None else {"Idempotency-Key": key}) == key


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "é", "a\n"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    refused = idempotency_key({"Idempotency-Key": key})
    assert isinstance(refused, Rejected)
    assert (status_of(refused), refused.field) == (400, "header.Idempotency-Key")


def test_who_has_to_wait_and_who_has_to_choose_another_are_told_apart() -> None:
    assert (status_of(IN_USE), status_of(REUSED)) == (409, 422)
