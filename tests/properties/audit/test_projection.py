"""What is folded of attempts, runs and workflows is the same in any order of the topics and in any batches."""

from collections.abc import Iterable, Sequence
from random import Random

from hypothesis import given
from hypothesis.strategies import permutations, randoms

from libs.chassis.bus.batch import Heard
from services.audit.consumers.dispatcher_events import hear_dispatcher
from services.audit.consumers.engine_events import hear_engine
from services.audit.domain.attempts import Attempt, merged
from services.audit.domain.projection import Projection
from tests.unit.audit.stories import all_streams, batches

SUMMARY_BYTES = 4_096
Attempts = dict[tuple[str, str], Attempt]


def projected(batch: Iterable[Heard]) -> Projection:
    into = Projection()
    for item in batch:
        if item.event.source.endswith("engine"):
            hear_engine(item, into)
        else:
            hear_dispatcher(item, into, SUMMARY_BYTES)
    return into


def attempts_of(heard: Sequence[Sequence[Heard]]) -> Attempts:
    """As the store merges them, batch by batch."""
    known: Attempts = {}
    for batch in heard:
        for key, attempt in projected(batch).attempts.items():
            known[key] = merged(known[key], attempt) if key in known else attempt
    return known


ALL = [item for stream in all_streams() for item in stream.heard]
EXPECTED = attempts_of([ALL])


@given(randoms(use_true_random=False))
def test_attempts_are_the_same_however_the_topics_meet(random: Random) -> None:
    assert attempts_of(list(batches(all_streams(), random))) == EXPECTED


@given(permutations([item for item in ALL if item.event.partitionkey in ("run_1", "run_3")]))
def test_attempts_do_not_even_depend_on_the_order_within_a_stream(items: list[Heard]) -> None:
    found = attempts_of([[item] for item in items])
    assert found == {key: attempt for key, attempt in EXPECTED.items() if key[0] in ("run_1", "run_3")}


@given(randoms(use_true_random=False))
def test_each_event_of_a_history_is_told_once_per_hearing_with_its_own_bytes(random: Random) -> None:
    told = {event.id: event.data for batch in batches(all_streams(), random) for event in projected(batch).events}
    records = {item.event.id: item.record.value for item in ALL}
    assert told.keys() == {event.id for event in projected(ALL).events}
    assert all(records[id_] == data for id_, data in told.items())
