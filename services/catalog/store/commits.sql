-- name: last_sequence
-- Where a stream goes on; 0 for one that does not exist.
SELECT coalesce(max(seq), 0) AS seq FROM journal WHERE stream = $1

-- name: last_event
-- What a stream said last: its next event follows upon that.
SELECT event FROM journal WHERE stream = $1 ORDER BY seq DESC LIMIT 1

-- name: find_unpublished
-- Whether any of these events is still on its way, for when another process publishes them.
SELECT 1 AS found
FROM outbox o JOIN unnest($1::smallint[], $2::text[], $3::bigint[]) AS mine (shard, stream, seq)
USING (shard, stream, seq)
LIMIT 1

-- name: last_unpublished
-- The latest of what is still on its way, if anything is.
SELECT place FROM outbox ORDER BY place DESC LIMIT 1

-- name: find_unpublished_until
-- Whether anything is still on its way that was committed until then.
SELECT 1 AS found FROM outbox WHERE place <= $1 LIMIT 1
