"""Ids sort, differ and repeat as promised."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.ids import ALPHABET, derived_id, encode, new_id

FORM = re.compile(r"run_[0-9a-hjkmnp-tv-z]{26}")
PARTS = st.lists(st.text(max_size=8) | st.integers(), max_size=4)


def decode(text: str) -> int:
    number = 0
    for character in text:
        number = number << 5 | ALPHABET.index(character)
    return number


def test_new_id_is_prefix_and_26_crockford_characters() -> None:
    assert FORM.fullmatch(new_id("run"))


def test_new_ids_of_one_process_sort_in_the_order_they_were_made() -> None:
    made = [new_id("run") for _ in range(20_000)]
    assert made == sorted(set(made))


def test_new_id_is_a_version_7_uuid_of_this_moment() -> None:
    number = decode(new_id("run")[4:])
    assert number >> 76 & 0xF == 7
    assert number >> 62 & 0b11 == 0b10
    assert abs((number >> 80) - time.time_ns() // 1_000_000) < 5_000


def test_new_ids_stay_in_order_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id("run")
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert new_id("run") > before


@given(st.integers(0, (1 << 128) - 1), st.integers(0, (1 << 128) - 1))
def test_encoded_numbers_sort_as_the_numbers_do(a: int, b: int) -> None:
    assert (encode(a) < encode(b)) == (a < b)
    assert decode(encode(a)) == a


@given(PARTS, PARTS)
def test_derived_id_repeats_for_the_same_parts_only(a: list[str | int], b: list[str | int]) -> None:
    same = [(type(part), part) for part in a] == [(type(part), part) for part in b]
    assert (derived_id("job", *a) == derived_id("job", *b)) == same


def test_derived_id_keeps_parts_and_prefixes_apart() -> None:
    assert derived_id("job", "a", "bc") != derived_id("job", "ab", "c")
    assert derived_id("job", 1) != derived_id("job", "1")
    assert derived_id("job", "a")[4:] != derived_id("run", "a")[4:]


def test_derived_id_never_changes() -> None:
    assert derived_id("job", "run_1", "main", "summarize", 1) == "job_7qb9mcj9vzehdhema5pmr5a7y0"
