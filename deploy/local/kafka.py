"""One real Apache Kafka broker (KRaft, combined roles) in a child process, its data under `<var>/kafka`."""

import asyncio
import os
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from deploy.local.children import Child, ChildSpec
from deploy.local.kafka_jars import ensure_jars
from deploy.local.readiness import StartFailed, accepts_connections, free_ports, wait_until_ready

LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024  # a dead letter carries a 1 MiB record in base64, with room around it
_LOG_CONFIG = Path(__file__).with_name("kafka-log4j2.properties")
_JVM = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={_LOG_CONFIG}"]
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


class KafkaBroker:
    """`start()` it, use `bootstrap`, `stop()` it. Starting again finds the records of before.

    `advertised_port` is where clients are told to come to, when something stands in between."""

    name = "kafka"
    loses_data = False

    def __init__(self, var: Path, port: int | None = None, advertised_port: int | None = None) -> None:
        self._data = var / "kafka"
        self._log = var / "log" / "kafka.log"
        own_port, self._controller_port = free_ports(2)
        self._port = port or own_port
        self._advertised_port = advertised_port or self._port
        self.child: Child | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Returns when the broker has answered a metadata request. Raises StartFailed or JarsUnusable."""
        lib = await asyncio.to_thread(ensure_jars)
        self._data.mkdir(parents=True, exist_ok=True)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        java = [shutil.which("java") or "java", *_JVM, "-cp", f"{lib}/*"]
        if not (self._data / "records" / "meta.properties").exists():
            await asyncio.to_thread(self._format, java, properties)
        self.child = Child(self._spec([*java, "kafka.Kafka", str(properties)]))
        await wait_until_ready(self.child, self._answers, _START_SECONDS)

    async def stop(self) -> None:
        if self.child is not None:
            await self.child.stop(_STOP_SECONDS)

    def _spec(self, command: list[str]) -> ChildSpec:
        return ChildSpec("kafka", command, os.environ, self._log, self._data)

    def _format(self, java: list[str], properties: Path) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [
            *java,
            "kafka.tools.StorageTool",
            "format",
            f"--cluster-id={cluster}",
            "-c",
            str(properties),
        ]  # an id may begin with -
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise StartFailed(f"kafka: expected to format {self._data}, but:\n{answer.stdout}{answer.stderr}")

    def _write_properties(self) -> Path:
        path = self._data / "server.properties"
        settings = _settings(self._port, self._advertised_port, self._controller_port, self._data / "records")
        path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        return path

    async def _answers(self) -> bool:
        return await accepts_connections("127.0.0.1", self._port) and await answers_metadata(self.bootstrap)


async def answers_metadata(bootstrap: str) -> bool:
    """Whether the broker at this address answers a real client's request for its topics."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await client.start()
        await client.list_topics()
    except (KafkaConnectionError, KafkaError, OSError):
        return False
    else:
        return True
    finally:
        await client.close()


def _settings(port: int, advertised_port: int, controller_port: int, records: Path) -> dict[str, object]:
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{advertised_port}",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "log.dirs": records,
        "auto.create.topics.enable": "false",
        "message.max.bytes": LARGEST_MESSAGE_BYTES,
        "replica.fetch.max.bytes": LARGEST_MESSAGE_BYTES,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "broker.session.timeout.ms": 3000,  # as long as a broker that was killed keeps its successor waiting
        "broker.heartbeat.interval.ms": 500,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    }
