-- name: count_appended
-- How many events of an interrupted commit are there, and are ours and not another writer's.
SELECT count(*) AS found
FROM journal JOIN unnest($1::text[], $2::bigint[], $3::bytea[]) AS mine (stream, seq, event) USING (stream, seq, event)
