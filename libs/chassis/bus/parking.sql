-- name: park_streams
-- From now on the records of these streams are kept instead of handled.
INSERT INTO parked_streams (topic, partition, stream, id, reason, error, done_sequence, wanted)
SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[])

-- name: keep_records
-- In the statement that moves the position: a record is kept, or it is consumed again.
INSERT INTO kept_records (topic, partition, stream, sequence, record_offset, timestamp_ms, key, value, headers,
                          dead_lettered)
SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[],
                     $8::bytea[], $9::bytea[], $10::boolean[])
ON CONFLICT DO NOTHING

-- name: find_letters
-- Which of these records are dead letters already.
SELECT stream FROM journal WHERE stream = ANY ($1::text[])

-- name: touch_parked
-- Compare-and-set: who keeps a record and who lets the stream go on must not miss each other.
UPDATE parked_streams p SET version = p.version + 1, wanted = coalesce(t.wanted, p.wanted)
FROM unnest($1::text[], $2::bigint[], $3::text[]) AS t (id, version, wanted)
WHERE p.id = t.id AND p.version = t.version
RETURNING 1

-- name: read_parked
-- What is parked in these partitions, when they are assigned.
SELECT p.* FROM parked_streams p
JOIN unnest($1::text[], $2::integer[]) AS held (topic, partition) USING (topic, partition)

-- name: read_wanted
-- Which of them are to go on: asked about once a second, and only while anything is parked.
SELECT p.* FROM parked_streams p
JOIN unnest($1::text[], $2::integer[]) AS held (topic, partition) USING (topic, partition)
WHERE p.wanted IS NOT NULL
ORDER BY p.parked_at

-- name: read_kept
-- The records that wait, in the order of their stream.
SELECT * FROM kept_records
WHERE topic = $1 AND partition = $2 AND stream = $3
ORDER BY sequence, record_offset
LIMIT $4

-- name: delete_kept
-- These took effect, or they were discarded.
DELETE FROM kept_records k
USING unnest($4::bigint[], $5::bigint[]) AS settled (sequence, record_offset)
WHERE k.topic = $1 AND k.partition = $2 AND k.stream = $3
  AND k.sequence = settled.sequence AND k.record_offset = settled.record_offset
RETURNING 1

-- name: advance_parked
-- Some of its records took effect; there are more.
UPDATE parked_streams SET done_sequence = $3, wanted = 'go_on', discard_offset = NULL, version = version + 1
WHERE id = $1 AND version = $2
RETURNING 1

-- name: stay_parked
-- It could not go on: whoever asked for it finds the reason here.
UPDATE parked_streams SET reason = $3, error = $4, wanted = NULL, discard_offset = NULL, version = version + 1
WHERE id = $1 AND version = $2
RETURNING 1

-- name: mark_dead_lettered
-- A record is a dead letter once, however often it fails.
UPDATE kept_records SET dead_lettered = true
WHERE topic = $1 AND partition = $2 AND stream = $3 AND sequence = $4 AND record_offset = $5

-- name: unpark_stream
-- Everything that waited took effect.
DELETE FROM parked_streams WHERE id = $1 AND version = $2 RETURNING 1
