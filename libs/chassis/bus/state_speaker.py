"""Says states straight to their compacted topic, for what would soon be said again if it were lost.

Such a thing needs no place in a journal that is kept for ever. Each state is the only event of a stream of its own: who
says it has nothing to remember, and what may or may not have arrived is simply said again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.bus.producer import Message, Producer, PublishFailed
from libs.chassis.clock import Clock
from libs.chassis.db.errors import Unavailable
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, Entry, entry
from libs.contracts.payload import Payload


@dataclass(frozen=True, slots=True)
class Said:
    """The latest of `key`."""

    key: str
    project: str
    state: Payload


class StateSpeaker:
    """Of one service, for states of one type. `family` begins the names of their streams."""

    def __init__(self, service: str, family: str, producer: Producer, clock: Clock) -> None:
        self._service = service
        self._family = family
        self._producer = producer
        self._clock = clock

    async def say(self, states: Sequence[Said]) -> None:
        """In this order; the last one of a key stands. Raises `Unavailable` when the broker did not acknowledge all of
        them: some may be there."""
        if not states:
            return
        entries = [self._entry(one) for one in states]
        topic, partition = entries[0].topic, entries[0].partition
        assert topic.partitions == 1, "expected a compacted topic to have one partition"
        messages = [Message(one.event.partitionkey.encode(), one.raw) for one in entries]
        try:
            await self._producer.publish(topic, partition, messages)
        except PublishFailed as error:
            raise Unavailable(str(error)) from error

    def _entry(self, said: Said) -> Entry:
        context = Context(self._service, said.project, self._clock.now(), "mobius")
        stream = f"{self._family}/{new_id('said')}/{said.key}"
        return entry(context, stream, 1, said.key, said.state)
