"""Refuses to start on topics that have another number of partitions than the contracts say.

Keys would be in other partitions than before, so that what belongs together is no longer in order; and state topics are
read from one partition only.
"""

from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient

from libs.contracts.topics import TOPICS, Topic


class WrongPartitionCount(RuntimeError):
    """A topic is not as it has to be. Nobody may change that in place."""


class PartitionCounts:
    """Component. Looks once, at the start, at these topics: `topics_of` a service, as a rule."""

    def __init__(self, topics: Sequence[Topic], bootstrap: str) -> None:
        self._topics = topics
        self._bootstrap = bootstrap
        self._checked = False

    async def start(self) -> None:
        client = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await client.start()
        try:
            described = await client.describe_topics()  # all: to ask for one that is missing may create it
        finally:
            await client.close()
        found = {one["topic"]: len(one["partitions"]) for one in described}
        problems = wrong_counts(self._topics, found)
        if problems:
            raise WrongPartitionCount("; ".join(problems))
        self._checked = True

    async def stop(self) -> None:
        pass

    def ready(self) -> str | None:
        return None if self._checked else "the topics have not been looked at yet"


def topics_of(service: str) -> Sequence[Topic]:
    """Every topic that a service says or hears."""
    return [topic for topic in TOPICS.values() if service in (topic.speaker, *topic.hearers)]


def wrong_counts(topics: Sequence[Topic], found: Mapping[str, int]) -> list[str]:
    """A sentence for every topic with a wrong count. One that is not there yet is waited for by those who use it."""
    return [
        f"expected topic {topic.name} to have {topic.partitions} partitions, but it has {found[topic.name]}"
        for topic in topics
        if found.get(topic.name, 0) not in (0, topic.partitions)
    ]
