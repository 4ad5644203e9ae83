"""The broker where there is no Java or Maven: librdkafka's in-process mock cluster, in a process of its own.

It speaks the Kafka protocol and keeps nothing. `python -m deploy.local.fallback_broker` is that process.
"""

import ctypes
import importlib
import os
import signal
import sys
from importlib.metadata import distribution
from pathlib import Path

from deploy.local.children import Child, ChildSpec
from deploy.local.kafka import answers_metadata
from deploy.local.kafka_jars import missing_programs
from deploy.local.readiness import wait_until_ready
from libs.contracts.topics import TOPICS

_CHECKOUT = Path(__file__).resolve().parents[2]
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_PRODUCER = 0


def real_broker_missing(wanted: bool = False) -> str | None:
    """The one loud line about what the fallback loses, or None where the real broker can run."""
    absent = missing_programs()
    if not absent and not wanted:
        return None
    reason = "as asked for" if wanted else f"because {' and '.join(absent)} cannot be found"
    return (
        f"FALLBACK BROKER ({reason}): not Apache Kafka but an imitation in memory. Nothing is kept over a restart "
        "(PostgreSQL starts empty too), an event is heard up to a second after it was said, a partition forgets its "
        "oldest records past 5 MB or 100,000 records, and "
        "topics are not compacted. Install Java 17 and Maven for the real thing."
    )


class FallbackBroker:
    """`start()` it, use `bootstrap`, `stop()` it. Each start is an empty broker that has every topic."""

    name = "kafka"
    loses_data = True

    def __init__(self, var: Path) -> None:
        self._announcement = var / "fallback-broker"
        self._log = var / "log" / "kafka.log"
        self.bootstrap = ""
        self.child: Child | None = None

    async def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._announcement.unlink(missing_ok=True)
        command = [sys.executable, "-m", "deploy.local.fallback_broker", str(self._announcement)]
        self.child = Child(ChildSpec("kafka", command, os.environ, self._log, _CHECKOUT))
        await wait_until_ready(self.child, self._answers, _START_SECONDS)

    async def stop(self) -> None:
        if self.child is not None:
            await self.child.stop(_STOP_SECONDS)

    async def _answers(self) -> bool:
        if not self._announcement.exists():
            return False
        self.bootstrap = self._announcement.read_text()
        return await answers_metadata(self.bootstrap)


def main(announcement: Path) -> None:
    """Runs the mock cluster until SIGTERM, its address in the file `announcement`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    address = _start_cluster({topic.name: topic.partitions for topic in TOPICS.values()})
    fresh = announcement.with_suffix(".new")
    fresh.write_text(address)
    fresh.rename(announcement)
    signal.sigwait({signal.SIGTERM})


def _start_cluster(partitions: dict[str, int]) -> str:
    """Starts a cluster of one broker with these topics; answers with its address. It lives until the process ends."""
    library = _librdkafka()
    reason = ctypes.create_string_buffer(512)
    client = library.rd_kafka_new(_PRODUCER, None, reason, len(reason))
    cluster = library.rd_kafka_mock_cluster_new(client, 1)
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0)
    for topic, count in partitions.items():
        if library.rd_kafka_mock_topic_create(cluster, topic.encode(), count, 1) != 0:
            raise RuntimeError(f"expected to create topic {topic}, but librdkafka refused")
    address: bytes = library.rd_kafka_mock_cluster_bootstraps(cluster)
    return address.decode()


def _librdkafka() -> ctypes.CDLL:
    """The library inside the confluent-kafka wheel; its mock cluster has no Python face that sets partition counts."""
    importlib.import_module("confluent_kafka")  # loads what the library itself needs
    [path] = Path(str(distribution("confluent-kafka").locate_file("confluent_kafka.libs"))).glob("librdkafka*")
    library = ctypes.CDLL(str(path))
    handle = ctypes.c_void_p
    library.rd_kafka_new.restype = handle
    library.rd_kafka_new.argtypes = [ctypes.c_int, handle, ctypes.c_char_p, ctypes.c_size_t]
    library.rd_kafka_mock_cluster_new.restype = handle
    library.rd_kafka_mock_cluster_new.argtypes = [handle, ctypes.c_int]
    library.rd_kafka_mock_topic_create.argtypes = [handle, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
    library.rd_kafka_mock_group_initial_rebalance_delay_ms.argtypes = [handle, ctypes.c_int32]
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    library.rd_kafka_mock_cluster_bootstraps.argtypes = [handle]
    return library


if __name__ == "__main__":
    main(Path(sys.argv[1]))
