"""Looks for records that seem to be missing among those that lie before.

What a consumer remembers begins when a partition is assigned. A relay that was paused may send a few events again long
after they, and their successors, were consumed; behind them the stream seems to have a gap. So before a stream is
parked for one, the topic is asked: what lies before the position has been consumed.
"""

from collections import defaultdict
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.chassis.bus.decoding import envelope_of
from libs.chassis.bus.plan import Gap, place_of
from libs.chassis.bus.positions import Place
from libs.chassis.db.errors import Unavailable

MOST_RECORDS = 50_000
"""How far back a missing record is looked for in its partition; about half a second."""


async def without_gap(bootstrap: str, gaps: Sequence[Gap]) -> set[str]:
    """The streams among these whose missing records were there before. Raises `Unavailable`."""
    by_place: dict[Place, list[Gap]] = defaultdict(list)
    for gap in gaps:
        by_place[place_of(gap.item)].append(gap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        await consumer.start()
        found = [await _complete(consumer, TopicPartition(*place), same) for place, same in by_place.items()]
    except KafkaError as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error
    finally:
        await consumer.stop()
    return set().union(*found)


async def _complete(consumer: AIOKafkaConsumer, place: TopicPartition, gaps: Sequence[Gap]) -> set[str]:
    end = max(gap.item.record.offset for gap in gaps)
    consumer.assign([place])
    first = (await consumer.beginning_offsets([place]))[place]
    consumer.seek(place, max(first, end - MOST_RECORDS))
    there: dict[str, set[int]] = {gap.item.event.subject: set() for gap in gaps}
    while await consumer.position(place) < end:
        for records in (await consumer.getmany(timeout_ms=1_000)).values():
            for record in records:
                if record.offset < end:
                    _note(there, record.value)
    return {gap.item.event.subject for gap in gaps if _is_filled(gap, there[gap.item.event.subject])}


def _note(there: dict[str, set[int]], value: bytes | None) -> None:
    if value is None or not any(stream.encode() in value for stream in there):
        return
    envelope = envelope_of(value)
    if envelope is not None and envelope.subject in there:
        there[envelope.subject].add(envelope.sequence)


def _is_filled(gap: Gap, there: set[int]) -> bool:
    last, sequence = gap.last, gap.item.event.sequence
    return sum(last < number < sequence for number in there) == sequence - last - 1
