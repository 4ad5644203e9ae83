"""Decoding trusts nothing: every wrong record has its reason, and no bytes lead to another exception."""

from json import dumps

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import Json, JsonObject, dump_json
from libs.contracts.events.engine import StepScheduled
from libs.contracts.payload import Payload
from libs.contracts.registry import MAX_SENTENCE, Reason, Undecodable, decode, latest_versions, payload_classes

DATA: JsonObject = {
    "run_id": "run_1",
    "workflow_name": "documents",
    "path": "main",
    "step": "summarize",
    "attempt": 1,
    "kind": "worker",
    "action": "summarize-document",
    "invocation_id": "job_1",
    "queue": "default",
    "parameters": {"doc_id": "doc-1"},
}
GOOD: JsonObject = {
    "specversion": "1.0",
    "id": "run_1:2",
    "source": "/mobius/engine",
    "type": "step.scheduled",
    "subject": "run_1",
    "time": "2030-01-31T09:30:00.000001Z",
    "dataschema": "urn:mobius:step.scheduled:1",
    "datacontenttype": "application/json",
    "project": "default",
    "sequence": 2,
    "partitionkey": "run_1",
    "data": DATA,
}
RAW = dump_json(GOOD)


def with_(**attributes: Json) -> bytes:
    return dump_json({**GOOD, **attributes})


def with_data(**fields: Json) -> bytes:
    return dump_json({**GOOD, "data": {**DATA, **fields}})


def without(name: str) -> bytes:
    return dump_json({key: value for key, value in GOOD.items() if key != name})


NO_JSON = {
    "null": None,
    "empty": b"",
    "no JSON": b"hello",
    "not UTF-8": RAW.replace(b"summarize", b"\xff\xfe"),
    "cut off": RAW[:-1],
    "twice": RAW * 2,
    "NaN": RAW.replace(b'"doc-1"', b"NaN"),
    "duplicate key": RAW.replace(b'"attempt":1', b'"attempt":1,"attempt":2'),
    "deep": RAW.replace(b'"doc-1"', b"[" * 250 + b"]" * 250),
    "very deep": b"[" * 1_000_000,
    "a list": b"[%b]" % RAW,
    "a text": b'"step.scheduled"',
    "a number of 5000 digits": RAW.replace(b'"attempt":1', b'"attempt":' + b"1" * 5000),
}
BAD_ENVELOPES = {
    "an empty object": b"{}",
    **{f"no {name}": without(name) for name in GOOD if name != "datacontenttype"},
    **{f"{name} is null": with_(**{name: None}) for name in GOOD},
    **{f"{name} is a number": with_(**{name: 7.5}) for name in GOOD},
    **{f"{name} is empty": with_(**{name: ""}) for name in GOOD if name != "project"},
    "sequence 0": with_(sequence=0, id="run_1:0"),
    "sequence as text": with_(sequence="2"),
    "sequence with a fraction": with_(sequence=2.0),
    "sequence past 63 bits": with_(sequence=1 << 63, id=f"run_1:{1 << 63}"),
    "another id": with_(id="run_1:3"),
    "another specversion": with_(specversion="0.3"),
    "another media type": with_(datacontenttype="application/xml"),
    "time without a zone": with_(time="2030-01-31T09:30:00"),
    "time as a number": with_(time=1_896_081_000),
    "data as a list": with_(data=[]),
    "actor as a number": with_(actor=7),
    "a schema of nobody": with_(dataschema="https://example.com/schema.json"),
    "a schema of another type": with_(dataschema="urn:mobius:run.started:1"),
    "version 0": with_(dataschema="urn:mobius:step.scheduled:0"),
    "version 01": with_(dataschema="urn:mobius:step.scheduled:01"),
    "version of 5000 digits": with_(dataschema="urn:mobius:step.scheduled:" + "1" * 5000),
    "an endless type": with_(type="a" * 100_000),
}
BAD_DATA = {
    "empty data": with_(data={}),
    "a missing field": with_(data={key: value for key, value in DATA.items() if key != "run_id"}),
    "null for a text": with_data(run_id=None),
    "a text for a number": with_data(attempt="1"),
    "true for a number": with_data(attempt=True),
    "a number for a text": with_data(step=1),
    "a number for a flag": with_data(dry_run=1),
    "another kind": with_data(kind="control"),
    "a list for an object": with_data(parameters=[]),
    "an overflow": RAW.replace(b'"doc-1"', b"1e999"),
    "an overflow in spaced JSON": RAW.replace(b'"doc-1"', b"1e999").replace(b'"data":', b'"data" : '),
    "an overflow below an escaped name": RAW.replace(b'"doc-1"', b"1e999").replace(b'"data":', b'"d\\u0061ta":'),
}
UNKNOWN: dict[str, tuple[bytes, Reason]] = {
    "unknown type": (with_(type="step.imagined", dataschema="urn:mobius:step.imagined:1"), "unknown_type"),
    "a type of control characters": (with_(type="\x00\x1b[31m"), "unknown_type"),
    "future version": (with_(dataschema="urn:mobius:step.scheduled:2"), "unknown_version"),
    "far future": (with_(dataschema="urn:mobius:step.scheduled:999999"), "unknown_version"),
}
CASES: dict[str, tuple[bytes | None, Reason]] = {
    **{name: (raw, "undecodable") for name, raw in NO_JSON.items()},
    **{name: (raw, "invalid_envelope") for name, raw in BAD_ENVELOPES.items()},
    **{name: (raw, "invalid_data") for name, raw in BAD_DATA.items()},
    **UNKNOWN,
}


@pytest.mark.parametrize(("raw", "reason"), CASES.values(), ids=CASES.keys())
def test_a_wrong_record_is_refused_with_its_reason(raw: bytes | None, reason: Reason) -> None:
    with pytest.raises(Undecodable, match=r"^expected .*, but ") as refused:
        decode(raw)

    assert refused.value.reason == reason
    assert len(str(refused.value)) <= MAX_SENTENCE


def test_a_good_record_is_read() -> None:
    event = decode(RAW)

    assert (event.id, event.type, event.source) == ("run_1:2", "step.scheduled", "/mobius/engine")
    assert event.data == StepScheduled.model_validate(DATA)


def test_what_a_newer_writer_added_is_ignored() -> None:
    raw = dump_json({**GOOD, "tenant": "t", "data": {**DATA, "priority": 9, "dry_run": False}})

    assert decode(raw) == decode(RAW)


def test_json_inside_parameters_is_kept_exactly() -> None:
    odd: Json = {"integer": 1, "double": 1.0, "null": None, "nested": [{"a": None}], "": "ü"}

    data = decode(with_data(parameters=odd)).data

    assert isinstance(data, StepScheduled)
    assert repr(data.parameters) == repr(odd)


@given(st.binary())
def test_any_bytes_are_refused_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(raw)


@given(st.data())
def test_a_flipped_record_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(RAW)))
    end = data.draw(st.integers(start, min(start + 12, len(RAW))))
    raw = RAW[:start] + data.draw(st.binary(max_size=12)) + RAW[end:]

    try_to_decode(raw)


@given(
    st.dictionaries(
        st.sampled_from(sorted(GOOD)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"])),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=5,
        ),
        min_size=1,
    )
)
def test_any_attributes_are_read_or_refused_and_nothing_else(attributes: dict[str, Json]) -> None:
    try_to_decode(dumps({**GOOD, **attributes}).encode())


def try_to_decode(raw: bytes) -> None:
    try:
        event = decode(raw)
    except Undecodable:
        return
    assert isinstance(event.data, Payload)


def test_every_payload_class_is_found_by_its_type_and_version() -> None:
    def named(base: type[Payload]) -> set[type[Payload]]:
        below = {one for child in base.__subclasses__() for one in named(child)}
        return below | (
            {base} if "type" in vars(base) and base.__module__.startswith("libs.contracts.events.") else set()
        )

    assert named(Payload) == set(payload_classes().values()), (
        "two classes of one type and version, or an unlisted module"
    )
    assert {type_: 1 for type_, version in payload_classes() if version == 1} == dict.fromkeys(latest_versions(), 1)
