"""Everything that an installation leaves behind or gives away, as bytes by place."""

import asyncio
import re
import subprocess
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.postgres import binaries
from libs.contracts.topics import SERVICES, TOPICS
from tests.e2e.bad_input import actions, requests, runs, workflows
from tests.e2e.bad_input.case import Case
from tests.e2e.calls import Caller
from tests.e2e.installation import Installation

POSTGRES, SEGMENTS, RECORDS, LOGS = "PostgreSQL", "Kafka's log segments", "Kafka's records", "logs"
ERRORS, METRICS, TRACES = "error bodies", "metrics", "traces"

CASES = (*requests.CASES, *actions.CASES, *workflows.CASES, *runs.CASES)
_BYTEA = re.compile(rb"\\\\x((?:[0-9a-f]{2})+)")


async def everything(installation: Installation, more: Sequence[Case], names: Mapping[str, str]) -> dict[str, bytes]:
    """All places. `more` are bad requests to send beside those of the tables; `names` fills their paths."""
    errors = await error_bodies(installation.caller, (*CASES, *more), names)
    return {
        POSTGRES: await asyncio.to_thread(dumped, installation.stack.postgres_url),
        SEGMENTS: segments(installation),
        RECORDS: await records(installation.stack.kafka_bootstrap),
        LOGS: logs(installation),
        ERRORS: errors,
        METRICS: await metrics(installation),
        TRACES: b"\n".join(installation.collector.raw),
    }


def dumped(url: str) -> bytes:
    """A dump of the database, and what its binary columns hold, which the dump has in hex."""
    told = subprocess.run([str(binaries() / "pg_dump"), "--data-only", url], capture_output=True, check=True).stdout
    return told + b"\n" + b"\n".join(bytes.fromhex(one.decode()) for one in _BYTEA.findall(told))


def segments(installation: Installation) -> bytes:
    """The files in which the broker keeps its records; none on the fallback broker, which has no files."""
    folder = installation.stack.var / "kafka" / "records"
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*.log")))


async def records(bootstrap: str) -> bytes:
    """Key, headers and value of every record: a batch may be compressed where it lies."""
    places = [TopicPartition(topic.name, one) for topic in TOPICS.values() for one in range(topic.partitions)]
    found: list[bytes] = []
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        ends = await consumer.end_offsets(places)
        consumer.assign([place for place in places if ends[place]])
        while any([await consumer.position(place) < ends[place] for place in consumer.assignment()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                for record in batch:
                    headers = [part for name, value in record.headers for part in (name.encode(), value or b"")]
                    found += [record.key or b"", record.value or b"", *headers]
    return b"\n".join(found)


def logs(installation: Installation) -> bytes:
    """Of all services, of the gateway, and of both servers."""
    files = sorted((installation.stack.var / "log").glob("*.log"))
    assert {f"{name}.log" for name in SERVICES} <= {path.name for path in files}
    return b"\n".join(path.read_bytes() for path in files)


async def error_bodies(caller: Caller, cases: Sequence[Case], names: Mapping[str, str]) -> bytes:
    """Bodies and headers of what is answered to bad requests."""
    replies = [await case.send(caller, names) for case in cases]
    assert all(reply.status >= 400 for reply in replies), [reply.raw for reply in replies if reply.status < 400]
    return b"\n".join(reply.raw + b"\n" + str(dict(reply.headers)).encode() for reply in replies)


async def metrics(installation: Installation) -> bytes:
    """What every service counts."""
    replies = [
        await installation.caller_of("", installation.stack.api_key, installation.stack.service_url(name)).get(
            "/metrics"
        )
        for name in SERVICES
    ]
    assert {reply.status for reply in replies} == {200}
    return b"\n".join(reply.raw for reply in replies)
