"""The raw limit of a batch: a prepared statement that writes the same rows, and decides and checks nothing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from libs.contracts.events.engine import RunCompleted
from tests.benchmarks.engine_room import PROJECT, Written

MARK = "bare_"
"""Stands before the names of the streams and runs of these rows, which are beside the engine's own."""

COPY_RUNS = """
INSERT INTO runs (project, run_id, workflow_name, status, queue, source_type, created_at)
SELECT project, $1 || run_id, workflow_name, status, queue, source_type, created_at FROM runs
WHERE project = $2 AND run_id = ANY ($3::text[])
"""
WRITE = """
WITH advanced AS (UPDATE positions SET next_offset = next_offset + 1 WHERE topic = 'bare' AND partition = 0),
appended AS (INSERT INTO journal (stream, seq, key, event)
             SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])),
outboxed AS (INSERT INTO outbox (shard, stream, seq, streams, seqs)
             SELECT shard, min(stream), min(seq), array_agg(stream), array_agg(seq)
             FROM unnest($5::smallint[], $1::text[], $2::bigint[]) AS e (shard, stream, seq) GROUP BY shard),
ended AS (UPDATE runs SET status = 'completed', completed_at = now()
          FROM unnest($7::text[]) AS over (run_id) WHERE runs.project = $6 AND runs.run_id = over.run_id)
SELECT 1
"""


class BareTransaction:
    """Repeats what was written by the engine, on a plain connection."""

    def __init__(
        self, connection: "asyncpg.Connection[asyncpg.Record]", write: "PreparedStatement[asyncpg.Record]"
    ) -> None:
        self._connection = connection
        self._write = write

    async def begin(self, written: Written) -> None:
        """Rows of runs that can be ended."""
        run_ids = sorted({one.event.subject for one in written.entries})
        await self._connection.execute(COPY_RUNS, MARK, PROJECT, run_ids)

    async def repeat(self, batches: Sequence[Written]) -> float:
        """Seconds for all batches, one statement each."""
        arguments = [_arguments(written) for written in batches]
        began = perf_counter()
        for one in arguments:
            await self._write.fetch(*one)
        return perf_counter() - began


def _arguments(written: Written) -> tuple[object, ...]:
    entries = written.entries
    ended = [MARK + one.event.subject for one in entries if isinstance(one.event.data, RunCompleted)]
    return (
        [MARK + one.event.subject for one in entries],
        [one.event.sequence for one in entries],
        [one.event.partitionkey for one in entries],
        [one.raw for one in entries],
        [one.shard for one in entries],
        PROJECT,
        ended,
    )


@asynccontextmanager
async def bare_transaction(url: str) -> AsyncIterator[BareTransaction]:
    """On the engine's schema, for this block."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    try:
        await connection.execute("INSERT INTO positions (topic, partition, next_offset) VALUES ('bare', 0, 0)")
        yield BareTransaction(connection, await connection.prepare(WRITE))
    finally:
        await connection.close()
