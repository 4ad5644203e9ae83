"""Bad records between good ones, on the real broker, against every consumer of every service with its real handler."""

from libs.chassis.bus.handling import TRIES
from libs.contracts.topics import SERVICES, heard_by
from tests.integration.poison.hearers import Hearer
from tests.integration.poison.records import HEADERS, Publisher, poisons
from tests.integration.poison.subjects import SUBJECTS


def test_every_consumer_of_every_service_is_tried() -> None:
    assert set(SUBJECTS) == {(service, topic.name) for service in SERVICES for topic in heard_by(service)}


async def test_what_cannot_be_understood_is_set_aside_once_and_the_good_ones_go_on(
    publisher: Publisher, hearer: Hearer
) -> None:
    good, spoilt = await hearer.subject.open(), await hearer.subject.open()
    before = await hearer.letters()
    expected: dict[int, str] = {}
    sequence = 0
    for raw, reason in poisons(hearer.subject.good(spoilt, 1)).values():
        sequence += 1
        await publisher.put(hearer.subject.good(good, sequence))
        expected[await publisher.put(raw)] = reason
    for headers in HEADERS.values():
        sequence += 1
        await publisher.put(hearer.subject.good(good, sequence), headers)
    await publisher.put_with_odd_name(hearer.subject.good(good, sequence + 1))
    await publisher.put(hearer.subject.good(good, sequence + 2), key=None)
    await hearer.until_heard(good, sequence + 2)
    assert hearer.troubled.heard_of(good.id) == list(range(1, sequence + 3))
    assert await hearer.subject.effects(good) == list(range(1, sequence + 3))
    assert await hearer.letters() == {**before, **expected}
    assert await hearer.parked() == {}
    counted = await hearer.client.metric('mobius_dead_letters_total{reason="undecodable"}')
    assert counted == [*before.values(), *expected.values()].count("undecodable")
    assert hearer.service.reasons() == []


async def test_a_stream_goes_on_behind_a_record_of_its_own_that_was_set_aside(
    publisher: Publisher, hearer: Hearer
) -> None:
    stream, before = await hearer.subject.open(), await hearer.letters()
    raws = [hearer.subject.good(stream, sequence) for sequence in range(1, 6)]
    await publisher.put(raws[0])
    await hearer.until_heard(stream, 1)
    unknown = await publisher.put(poisons(raws[1])["unknown type"][0])
    invalid = await publisher.put(poisons(raws[2])["wrong type"][0])
    await publisher.put(raws[3])
    await hearer.until_heard(stream, 2)
    await publisher.put(raws[4])
    await hearer.until_heard(stream, 3)
    assert hearer.troubled.heard_of(stream.id) == [1, 4, 5]
    assert await hearer.letters() == {**before, unknown: "unknown_type", invalid: "invalid_data"}
    assert await hearer.parked() == {}


async def test_a_repeat_is_dropped_and_one_that_says_something_else_is_set_aside(
    publisher: Publisher, hearer: Hearer
) -> None:
    stream, before = await hearer.subject.open(), await hearer.letters()
    raws = [hearer.subject.good(stream, sequence) for sequence in range(1, 5)]
    for raw in (raws[0], raws[1], raws[1]):
        await publisher.put(raw)
    await hearer.until_heard(stream, 2)
    other = await publisher.put(raws[1].replace(b'"queue":"default"', b'"queue":"another"'))
    for raw in (raws[0], raws[1], raws[2], raws[3]):
        await publisher.put(raw)
    await hearer.until_heard(stream, 4)
    assert hearer.troubled.heard_of(stream.id) == [1, 2, 3, 4]
    assert await hearer.letters() == {**before, other: "sequence_conflict"}
    assert await hearer.parked() == {}


async def test_a_handler_that_raises_or_hangs_parks_the_one_stream_and_no_other(
    publisher: Publisher, hearer: Hearer
) -> None:
    good, buggy, hanging = [await hearer.subject.open() for _ in range(3)]
    hearer.troubled.raising.add((buggy.id, 2))
    hearer.troubled.hanging.add((hanging.id, 2))
    bad = await hearer.letters()
    for sequence in range(1, 5):
        for stream in (buggy, good, hanging):
            offset = await publisher.put(hearer.subject.good(stream, sequence))
            if sequence == 2 and stream is not good:
                bad[offset] = "handler_failed"
    await hearer.until_heard(good, 4)
    await hearer.until_parked(buggy, kept=3)
    await hearer.until_parked(hanging, kept=3)
    assert [hearer.troubled.heard_of(stream.id) for stream in (good, buggy, hanging)] == [[1, 2, 3, 4], [1], [1]]
    assert await hearer.subject.effects(good) == [1, 2, 3, 4]
    assert await hearer.letters() == bad
    assert (hearer.troubled.tries[buggy.id, 2], hearer.troubled.tries[hanging.id, 2]) == (TRIES, TRIES)
    parked = await hearer.parked()
    assert {one["reason"] for one in parked.values()} == {"handler_failed"}
    assert "RuntimeError: a bug in the handler" in str(parked[buggy.id]["error"])
    assert "HandlerHung: expected an answer within 0.5 s" in str(parked[hanging.id]["error"])
    assert await hearer.client.metric("mobius_parked_streams") == 2
    assert hearer.service.reasons() == []

    hearer.troubled.raising.clear()
    hearer.troubled.hanging.clear()
    for stream in (buggy, hanging):
        await hearer.resume(stream)
        await hearer.until_heard(stream, 4)
        assert hearer.troubled.heard_of(stream.id) == [1, 2, 3, 4]
    assert (await hearer.parked(), await hearer.letters()) == ({}, bad)


async def test_a_gap_parks_the_stream_until_the_missing_record_comes(publisher: Publisher, hearer: Hearer) -> None:
    good, gapped = await hearer.subject.open(), await hearer.subject.open()
    before = await hearer.letters()
    for sequence in (1, 2, 5, 4, 6):
        await publisher.put(hearer.subject.good(gapped, sequence))
    await publisher.put(hearer.subject.good(good, 1))
    await hearer.until_heard(good, 1)
    await hearer.until_parked(gapped, kept=3, reason="sequence_gap")
    assert hearer.troubled.heard_of(gapped.id) == [1, 2]
    assert await hearer.letters() == before
    await publisher.put(hearer.subject.good(gapped, 3))
    await hearer.until_heard(gapped, 6)
    await publisher.put(hearer.subject.good(gapped, 7))
    await hearer.until_heard(gapped, 7)
    assert hearer.troubled.heard_of(gapped.id) == [1, 2, 3, 4, 5, 6, 7]
    assert await hearer.subject.effects(gapped) == [1, 2, 3, 4, 5, 6, 7]
    assert await hearer.parked() == {}
