"""The one JSON reader takes what can be kept and written again, and nothing else."""

from json import dumps

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from libs.contracts.codec import MAX_DEPTH, InvalidJson, Json, dump_json, parse_json, parse_own_json, raw_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NUMBERS = st.integers(-(1 << 63), (1 << 64) - 1) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)

REFUSED = {
    "nothing": b"",
    "only a space": b" ",
    "two documents": b"1 2",
    "cut off": b'{"a": [1, 2',
    "trailing comma": b"[1,]",
    "comment": b"[1] // one",
    "single quotes": b"{'a': 1}",
    "byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'"\xff"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "lone surrogate": b'"\\ud800"',
    "control character": b'"\x01"',
    "NaN": b"NaN",
    "Infinity": b"[Infinity]",
    "-Infinity": b"-Infinity",
    "leading zero": b"01",
    "duplicate key": b'{"a": 1, "a": 1}',
    "duplicate key, escaped": b'{"a": 1, "\\u0061": 1}',
    "duplicate key, deep": b'[{"a": {"b": 1, "b": 2}}]',
    "overflow": b"1e309",
    "overflow without e+": b"[-1E+400]",
    "overflow by digits": b"9" * 320 + b".0",
    "overflow by both": b"1" + b"0" * 250 + b"e99",
    "overflow behind texts that look like it": b'["a1e123", "f99e999", 1e309]',
    "overflow behind many of them": b'["%b", 1e309]' % (b"a1e123" * 50),
    "past 64 bits": b'{"a": 18446744073709551616}',
    "past 64 bits, negative": b"-9223372036854775809",
    "5000 digits": b"1" * 5000,
    "U+0000": b'{"a": ["b\\u0000"]}',
    "U+0000 in a key": b'{"\\u0000": 1}',
    "too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "much too deep": b'{"a":' * 100_000,
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_kept_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidJson):
        parse_json(raw)


ACCEPTED = {
    b"18446744073709551615": (1 << 64) - 1,
    b"-9223372036854775808": -(1 << 63),
    b"1.7976931348623157e308": 1.7976931348623157e308,
    b"1e-999": 0.0,
    b"-0.0": -0.0,
    b'"\\ud83d\\ude00"': "\U0001f600",
    b'"\\\\u0000"': "\\u0000",
    b'["%b"]' % (b"a1e123" * 50): ["a1e123" * 50],
    b'["e: 1e999", "0123456789012345678901234567890"]': ["e: 1e999", "0123456789012345678901234567890"],
    b'"1e999 NaN 99999999999999999999"': "1e999 NaN 99999999999999999999",
    b' \n{"": null} ': {"": None},
}


@pytest.mark.parametrize(("raw", "value"), ACCEPTED.items(), ids=str)
def test_what_only_looks_strange_is_read(raw: bytes, value: Json) -> None:
    read = parse_json(raw)

    assert (read, type(read)) == (value, type(value))


def test_the_deepest_document_is_read_and_still_fits_into_an_event() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert parse_json(deepest) is not None
    assert parse_own_json(b'{"data": {"result": {"a": [%b]}}}' % deepest) is not None


def test_depth_is_not_counted_by_brackets_in_texts_or_side_by_side() -> None:
    flat: Json = [[] for _ in range(500)]

    assert parse_json(dumps(flat).encode()) == flat
    assert parse_json(dumps("[{" * 500).encode()) == "[{" * 500


@given(DOCUMENTS)
@example([1, 1.0, -0.0, 1e16, 123456789012345678])
def test_what_is_read_is_written_again_as_it_was(document: Json) -> None:
    raw = dump_json(document)

    again = parse_json(raw)

    assert dump_json(again) == raw
    assert repr(again) == repr(document)  # tells 1 from 1.0 and 0.0 from -0.0


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused_and_nothing_else(raw: bytes) -> None:
    try:
        value = parse_json(raw)
    except InvalidJson:
        return
    assert parse_json(dump_json(value)) == value


UNWRITABLE = {"large": 1 << 64, "key": {1: "a"}, "surrogate": "\ud800", "object": object(), "set": {"a": {1, 2}}}


@pytest.mark.parametrize("value", UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_json_cannot_hold_is_not_written(value: object) -> None:
    with pytest.raises(InvalidJson):
        dump_json(value)


def test_models_are_written_without_what_is_absent_and_raw_json_as_it_is() -> None:
    class Note(BaseModel):
        text: str
        author: str | None = None

    written = dump_json({"note": Note(text="kept"), "raw": raw_json(b'{"a":1.0}')})

    assert written == b'{"note":{"text":"kept"},"raw":{"a":1.0}}'
