"""Folding is replaying, and a refusal is a value."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.decider import Decider, Rejected, fold
from tests.doubles.clock import NOON


def withdraw(balance: int, amount: int, _now: datetime) -> Sequence[int] | Rejected:
    if amount > balance:
        return Rejected("invalid_state", f"expected at most {balance}, but got {amount}", field="amount")
    return [-amount]


def move(balance: int, change: int) -> int:
    return balance + change


PURSE: Decider[int, int, int] = Decider(0, withdraw, move)


@given(st.lists(st.integers()), st.lists(st.integers()))
def test_folding_in_two_parts_is_folding_at_once(a: list[int], b: list[int]) -> None:
    assert fold(PURSE.evolve, fold(PURSE.evolve, PURSE.initial, a), b) == fold(PURSE.evolve, PURSE.initial, a + b)


def test_a_refusal_equals_another_with_the_same_words() -> None:
    refusal = PURSE.decide(3, 4, NOON)
    assert refusal == Rejected("invalid_state", "expected at most 3, but got 4", "amount")
