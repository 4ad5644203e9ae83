-- name: read_unpublished
-- Committed but not acknowledged, per stream in order.
SELECT o.shard, o.stream, o.seq, j.event
FROM outbox o JOIN journal j USING (stream, seq)
WHERE o.shard = $1::smallint
ORDER BY o.stream, o.seq
LIMIT $2

-- name: find_waiting_shards
-- The polling floor: which of the shards have anything unpublished.
SELECT s.shard FROM unnest($1::smallint[]) AS s (shard)
WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.shard = s.shard)

-- name: forget_published
-- After the broker's acknowledgement.
DELETE FROM outbox o
USING unnest($1::smallint[], $2::text[], $3::bigint[]) AS done (shard, stream, seq)
WHERE o.shard = done.shard AND o.stream = done.stream AND o.seq = done.seq

-- name: try_own_shard
-- One relay per shard: a session lock, gone with the connection.
SELECT pg_try_advisory_lock(hashtext($1), $2) AS owned

-- name: stay_alive
-- Keeps the relay's session from being ended as idle; a paused process loses its locks that way.
SELECT 1
