"""Collects the evidence: every record, every row, every diary, and what the HTTP API says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.chaos.oracle.observation import Fact, Observation, Record, read_diary

_SCHEMAS = ("catalog", "engine", "dispatcher", "audit")
_TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY ($1) AND tablename <> 'migrations'"
_PAGE = 200
_AT_ONCE = 16


async def collect(
    bootstrap: str, postgres_url: str, project_url: str, key: str, diaries: Sequence[Path]
) -> Observation:
    """`project_url` is the API's address of the project. Raises what the servers raise: they have to be well by now."""
    observation = Observation()
    await _read_topics(observation, bootstrap)
    await _dump_tables(observation, postgres_url)
    observation.diaries = {path.stem: read_diary(path) for path in diaries}
    await _ask(observation, project_url, key)
    return observation


async def _read_topics(observation: Observation, bootstrap: str) -> None:
    places = await _places(bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", max_poll_records=5_000)
    consumer.assign(places)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(places)
        observation.ends = {f"{place.topic}/{place.partition}": end for place, end in ends.items()}
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=1_000)).values():
                observation.records.extend(map(_record, batch))
    finally:
        await consumer.stop()


async def _places(bootstrap: str) -> list[TopicPartition]:
    """Every partition of every topic of ours."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics = [topic for topic in await admin.describe_topics() if topic["topic"].startswith("mobius.")]
    finally:
        await admin.close()
    return [TopicPartition(topic["topic"], part["partition"]) for topic in topics for part in topic["partitions"]]


def _record(raw: Any) -> Record:
    return Record(raw.topic, raw.partition, raw.offset, raw.key or b"", raw.value or b"")


async def _dump_tables(observation: Observation, postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for schema, table in await connection.fetch(_TABLES, _SCHEMAS):
                rows = await connection.fetch(f'SELECT * FROM "{schema}"."{table}"')
                observation.tables[f"{schema}.{table}"] = [_row(row) for row in rows]
    finally:
        await connection.close()


def _row(row: asyncpg.Record) -> Fact:
    plain = (bytes, str, int, float, bool, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in row.items()}


async def _ask(observation: Observation, project_url: str, key: str) -> None:
    timeout, headers = aiohttp.ClientTimeout(total=60), {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, raise_for_status=True) as http:
        runs = [run async for run in _pages(http, f"{project_url}/runs")]
        observation.views["runs"] = runs
        observation.views["audit_log"] = [entry async for entry in _pages(http, f"{project_url}/action-audit-log")]
        turns = asyncio.Semaphore(_AT_ONCE)
        of_runs = [_jobs(http, turns, f"{project_url}/runs/{run['id']}/jobs") for run in runs]
        observation.views["jobs"] = [job for jobs in await asyncio.gather(*of_runs) for job in jobs]


async def _jobs(http: aiohttp.ClientSession, turns: asyncio.Semaphore, url: str) -> list[Fact]:
    async with turns, http.get(url) as answer:
        jobs: list[Fact] = (await answer.json())["items"]
        return jobs


async def _pages(http: aiohttp.ClientSession, url: str) -> AsyncIterator[Fact]:
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": str(_PAGE)} | ({"cursor": cursor} if cursor else {})
        async with http.get(url, params=query) as answer:
            page = await answer.json()
        for item in page["items"]:
            yield item
        cursor = page.get("next_cursor") if page["has_more"] else None
