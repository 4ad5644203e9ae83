-- name: read_unpublished
-- Committed but not acknowledged, in the order of their commits as far as streams have one: so many rows, or whole rows
-- of so many bytes, but at least one. An event that follows another of its stream was placed after it.
SELECT sized.at = 1 AS first, sized.event FROM (
    SELECT o.place, e.at, j.event,
        sum(octet_length(j.event)) OVER (ORDER BY o.place GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
    FROM (
        SELECT place, coalesce(streams, ARRAY[stream]) AS streams, coalesce(seqs, ARRAY[seq]) AS seqs
        FROM outbox WHERE shard = $1::smallint ORDER BY place LIMIT $2
    ) AS o
    CROSS JOIN LATERAL unnest(o.streams, o.seqs) WITH ORDINALITY AS e (stream, seq, at)
    JOIN journal j USING (stream, seq)
) AS sized
WHERE coalesce(sized.bytes_before, 0) < $3
ORDER BY sized.place, sized.at

-- name: count_unpublished
-- The polling floor: how many events wait, by shard, counted no further than it matters. To ask keeps the relay's
-- session from being ended as idle, as that of a paused process is, which loses its locks that way.
SELECT s.shard, sized.events
FROM unnest($1::smallint[]) AS s (shard) CROSS JOIN LATERAL (
    SELECT sum(coalesce(cardinality(streams), 1))::bigint AS events
    FROM (SELECT o.streams FROM outbox o WHERE o.shard = s.shard LIMIT $2) AS counted
) AS sized
WHERE sized.events > 0

-- name: forget_published
-- After the broker's acknowledgement, by the first event of each row.
DELETE FROM outbox o
USING unnest($1::smallint[], $2::text[], $3::bigint[]) AS done (shard, stream, seq)
WHERE o.shard = done.shard AND o.stream = done.stream AND o.seq = done.seq

-- name: try_own_shard
-- One relay per shard: a session lock, gone with the connection.
SELECT pg_try_advisory_lock(hashtext($1), $2) AS owned
