"""Parked streams go on: in order, when somebody asks for it, and only for administrators of the installation."""

from typing import cast

import pytest

from libs.contracts.codec import JsonObject
from tests.integration.engine.speaking import TOKENS
from tests.integration.poison.hearers import Hearer
from tests.integration.poison.records import Publisher
from tests.integration.poison.subjects import Stream

of_one = pytest.mark.parametrize("pair", [("audit", "mobius.dispatcher-events.v1")], ids=["audit"], scope="module")
"""What is the same for all that hear, and was seen of all that way once, is told of one."""


async def parked_at_two(publisher: Publisher, hearer: Hearer) -> Stream:
    """A stream of four records, whose second is more than the handler can bear."""
    stream = await hearer.subject.open()
    hearer.troubled.raising.add((stream.id, 2))
    for sequence in range(1, 5):
        await publisher.put(hearer.subject.good(stream, sequence))
    await hearer.until_parked(stream, kept=3)
    return stream


def records_of(answer: JsonObject) -> list[tuple[object, object]]:
    """Sequence, and whether it is a dead letter, of each record that is shown."""
    return [(one["sequence"], one["dead_lettered"]) for one in cast(list[JsonObject], answer["records"])]


async def test_a_stream_goes_on_in_order_once_the_bug_is_gone_and_not_before(
    publisher: Publisher, hearer: Hearer
) -> None:
    stream = await parked_at_two(publisher, hearer)
    letters = await hearer.letters()
    shown = await hearer.look_at(stream)
    assert records_of(shown) == [(2, True), (3, False), (4, False)]
    assert (shown["done_sequence"], shown["going_on"]) == (1, False)

    status, answer = await hearer.resume(stream)
    assert (status, answer["going_on"]) == (202, True)
    await hearer.until_at_rest(stream)
    assert records_of(await hearer.look_at(stream)) == [(2, True), (3, False), (4, False)]
    assert await hearer.letters() == letters

    hearer.troubled.raising = {(stream.id, 4)}
    await hearer.resume(stream)
    await hearer.until_parked(stream, kept=1, reason="handler_failed")
    await hearer.until_at_rest(stream)
    assert records_of(await hearer.look_at(stream)) == [(4, True)]
    assert len(await hearer.letters()) == len(letters) + 1

    hearer.troubled.raising.clear()
    await hearer.resume(stream)
    await hearer.until_heard(stream, 4)
    await publisher.put(hearer.subject.good(stream, 5))
    await hearer.until_heard(stream, 5)
    assert hearer.troubled.heard_of(stream.id) == [1, 2, 3, 4, 5]
    assert await hearer.subject.effects(stream) == [1, 2, 3, 4, 5]
    assert await hearer.parked() == {}
    assert await hearer.client.metric("mobius_parked_streams") == 0


@of_one
async def test_the_first_record_can_be_given_up_but_only_the_one_that_was_looked_at(
    publisher: Publisher, hearer: Hearer
) -> None:
    stream = await parked_at_two(publisher, hearer)
    first = int(str((await hearer.look_at(stream))["first_offset"]))
    status, answer = await hearer.resume(stream, discard_offset=first + 1)
    assert (status, cast(JsonObject, answer["error"])["code"]) == (409, "invalid_state")
    status, _ = await hearer.resume(stream, discard_offset=first)
    assert status == 202
    await hearer.until_heard(stream, 3)
    assert hearer.troubled.heard_of(stream.id) == [1, 3, 4]
    await publisher.put(hearer.subject.good(stream, 5))
    await hearer.until_heard(stream, 4)
    assert await hearer.subject.effects(stream) == [1, 3, 4, 5]
    assert await hearer.parked() == {}


@of_one
async def test_somebody_may_accept_that_records_are_missing(publisher: Publisher, hearer: Hearer) -> None:
    stream = await hearer.subject.open()
    for sequence in (1, 3, 4, 6):
        await publisher.put(hearer.subject.good(stream, sequence))
    await hearer.until_parked(stream, kept=3, reason="sequence_gap")
    await hearer.resume(stream)
    await hearer.until_parked(stream, kept=1, reason="sequence_gap")
    await hearer.until_at_rest(stream)
    assert hearer.troubled.heard_of(stream.id) == [1, 3, 4]
    await hearer.resume(stream)
    await hearer.until_heard(stream, 4)
    assert hearer.troubled.heard_of(stream.id) == [1, 3, 4, 6]


@of_one
async def test_nobody_else_is_told_and_nothing_unknown_is_resumed(publisher: Publisher, hearer: Hearer) -> None:
    base = f"{hearer.operations}/parked-streams"
    for token in (TOKENS["viewer"], TOKENS["author"]):
        for method, path in (("GET", base), ("GET", f"{base}/x"), ("POST", f"{base}/x/resume")):
            status, _ = await hearer.client.call(method, path, token=token)
            assert status == 403
    status, _ = await hearer.client.call("POST", f"{base}/park_unknown/resume", {})
    assert status == 404
    status, _ = await hearer.client.call("GET", f"{base}/park_unknown")
    assert status == 404
    status, _ = await hearer.client.call("GET", f"{base}?cursor=nonsense")
    assert status == 400
