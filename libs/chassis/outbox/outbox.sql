-- name: read_unpublished
-- Committed but not acknowledged, per stream in order: so many rows or so many bytes, but at least one row.
SELECT sized.event FROM (
    SELECT stream, seq, j.event,
        sum(octet_length(j.event)) OVER (ORDER BY stream, seq) - octet_length(j.event) AS bytes_before
    FROM (
        SELECT stream, seq FROM outbox WHERE shard = $1::smallint ORDER BY stream, seq LIMIT $2
    ) AS o JOIN journal j USING (stream, seq)
) AS sized
WHERE sized.bytes_before < $3
ORDER BY sized.stream, sized.seq

-- name: count_unpublished
-- The polling floor: how many rows wait, by shard, counted no further than it matters.
SELECT s.shard, sized.events
FROM unnest($1::smallint[]) AS s (shard) CROSS JOIN LATERAL (
    SELECT count(*) AS events FROM (SELECT 1 FROM outbox o WHERE o.shard = s.shard LIMIT $2) AS counted
) AS sized
WHERE sized.events > 0

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
