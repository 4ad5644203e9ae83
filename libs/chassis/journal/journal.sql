-- name: append_events
-- The compare-and-set of every stream: a taken (stream, seq) violates the primary key.
INSERT INTO journal (stream, seq, key, event)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])

-- name: remember_unpublished
-- What the relay has to publish, should this process die before it does: a row for each shard, named after its first.
INSERT INTO outbox (shard, stream, seq, streams, seqs)
SELECT e.shard, (array_agg(e.stream ORDER BY e.at))[1], (array_agg(e.seq ORDER BY e.at))[1],
       array_agg(e.stream ORDER BY e.at), array_agg(e.seq ORDER BY e.at)
FROM unnest($1::smallint[], $2::text[], $3::bigint[]) WITH ORDINALITY AS e (shard, stream, seq, at)
GROUP BY e.shard

-- name: load_streams
-- Streams in order, to fold their state.
SELECT stream, event FROM journal WHERE stream = ANY ($1::text[]) ORDER BY stream, seq

-- name: count_appended
-- How many events of an interrupted commit are there, and are ours and not another writer's.
SELECT count(*) AS found
FROM journal JOIN unnest($1::text[], $2::bigint[], $3::bytea[]) AS mine (stream, seq, event) USING (stream, seq, event)

-- name: load_last_events
-- The last event of each stream, where only the latest of it counts: states.
SELECT wanted.stream, latest.event
FROM unnest($1::text[]) AS wanted (stream)
CROSS JOIN LATERAL (SELECT event FROM journal WHERE stream = wanted.stream ORDER BY seq DESC LIMIT 1) latest
