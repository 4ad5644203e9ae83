"""The envelope says what it promises: ids from sequences, moments in UTC, bytes that come back as the same event."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import parse_json
from libs.contracts.envelope import Event, encode, format_time
from libs.contracts.events.engine import RunCompleted
from libs.contracts.moment import MOMENT_PATTERN
from libs.contracts.payload import Payload
from libs.contracts.registry import decode
from libs.contracts.topics import TOPICS, Topic

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
ZONES = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001 (the zones come beside)
EVENTS: st.SearchStrategy[Event[Payload]] = st.builds(
    Event,
    source=st.sampled_from(["/mobius/engine", "/mobius/catalog"]),
    subject=TEXTS,
    sequence=st.integers(1, (1 << 63) - 1),
    partitionkey=TEXTS,
    project=TEXTS | st.just(""),
    time=MOMENTS,
    data=st.dictionaries(TEXTS, TEXTS | st.none() | st.floats(allow_nan=False, allow_infinity=False)).map(
        lambda outputs: RunCompleted(outputs=dict(outputs))
    ),
    actor=st.none() | TEXTS,
    causationid=st.none() | TEXTS,
    correlationid=st.none() | TEXTS,
    traceparent=st.none() | TEXTS,
)

PINNED = {
    "123456789": 2,  # the check value of CRC-32 is cbf43926
    "run_01kjpy44hxebstkhmnvhnrt6rh": 0,
    "run_2": 1,
    "default/summarize-document": 2,
    "ü": 1,
    "a": 3,
}


@given(EVENTS)
def test_an_event_comes_back_as_it_was(event: Event[Payload]) -> None:
    raw = encode(event)

    assert decode(raw) == event
    assert encode(decode(raw)) == raw


@given(EVENTS)
def test_the_id_is_the_stream_and_the_sequence(event: Event[Payload]) -> None:
    document = parse_json(encode(event))

    assert isinstance(document, dict)
    assert document["id"] == event.id == f"{event.subject}:{event.sequence}"
    assert (document["subject"], document["sequence"]) == (event.subject, event.sequence)


@given(EVENTS, EVENTS)
def test_ids_differ_where_stream_or_sequence_differ(one: Event[Payload], other: Event[Payload]) -> None:
    same_place = (one.subject, one.sequence) == (other.subject, other.sequence)

    assert (one.id == other.id) == same_place


@given(EVENTS)
def test_the_envelope_is_a_cloudevent(event: Event[Payload]) -> None:
    document = parse_json(encode(event))

    assert isinstance(document, dict)
    assert document["specversion"] == "1.0"
    assert document["datacontenttype"] == "application/json"
    assert document["dataschema"] == "urn:mobius:run.completed:1"
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in document), "CloudEvents wants such names"
    assert None not in document.values(), "what is absent is left out"


@given(MOMENTS)
def test_a_moment_is_written_in_utc_to_the_microsecond(moment: datetime) -> None:
    written = format_time(moment)

    assert re.fullmatch(MOMENT_PATTERN, written)
    assert len(written) == len("2030-01-31T09:30:00.000001Z")
    assert datetime.fromisoformat(written) == moment


@given(st.tuples(MOMENTS, MOMENTS).map(sorted))
def test_written_moments_sort_as_they_happened(moments: list[datetime]) -> None:
    assert format_time(moments[0]) <= format_time(moments[1])


@pytest.mark.parametrize(
    "time",
    [
        *("2030-01-31", "2030-01-31T09:30:00", "2030-01-31T09:30:00+00:00", "2030-01-31t09:30:00z", "20300131T093000Z"),
        *(
            "2030-01-31 09:30:00Z",
            "2030-01-31T09:30Z",
            "2030-02-30T09:30:00Z",
            "2030-01-31T24:00:00Z",
            "1896081000",
            "",
        ),
    ],
)
def test_another_way_to_write_a_moment_is_not_read(time: str) -> None:
    raw = encode(event_at(datetime(2030, 1, 31, 9, 30, tzinfo=UTC)))

    with pytest.raises(ValueError, match="expected an envelope to be valid, but time"):
        decode(raw.replace(b"2030-01-31T09:30:00.000000Z", time.encode()))


@pytest.mark.parametrize("fraction", ["", ".5", ".000001", ".123456789"])
def test_fractions_of_any_length_are_read(fraction: str) -> None:
    raw = encode(event_at(datetime(2030, 1, 31, 9, 30, tzinfo=UTC))).replace(b".000000Z", fraction.encode() + b"Z")

    assert decode(raw).time == datetime(2030, 1, 31, 9, 30, tzinfo=UTC) + timedelta(
        microseconds=int(float(f"0{fraction}") * 1_000_000)
    )


@pytest.mark.parametrize(("key", "partition"), PINNED.items())
def test_the_partition_of_a_key_never_changes(key: str, partition: int) -> None:
    assert TOPICS["mobius.engine-events.v1"].partition_of(key) == partition


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 64))
def test_a_partition_is_the_crc_of_the_key(key: str, partitions: int) -> None:
    topic = Topic(name="t", description="d", speaker="engine", partitions=partitions, types=("a",))

    assert topic.partition_of(key) == crc32(key.encode()) % partitions
    assert 0 <= topic.partition_of(key) < partitions


def test_keys_spread_over_the_partitions() -> None:
    topic = TOPICS["mobius.engine-events.v1"]
    counts = [0] * topic.partitions
    for number in range(4_000):
        counts[topic.partition_of(f"run_{number}")] += 1

    assert min(counts) > 900


def event_at(time: datetime) -> Event[Payload]:
    return Event(
        source="/mobius/engine",
        subject="run_1",
        sequence=1,
        partitionkey="run_1",
        project="default",
        time=time,
        data=RunCompleted(outputs={}),
    )
