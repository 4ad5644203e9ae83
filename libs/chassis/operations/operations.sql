-- name: list_parked
-- A page of parked streams, the longest parked first; with an id, only that one.
SELECT p.*, k.kept, k.first_offset
FROM parked_streams p
CROSS JOIN LATERAL (
    SELECT count(*) AS kept, (array_agg(record_offset ORDER BY sequence, record_offset))[1] AS first_offset
    FROM kept_records k WHERE k.topic = p.topic AND k.partition = p.partition AND k.stream = p.stream
) k
WHERE ($1::text IS NULL OR p.id > $1) AND ($2::text IS NULL OR p.id = $2)
ORDER BY p.id
LIMIT $3

-- name: show_kept
-- The first records that wait in a parked stream; long ones without their bytes.
SELECT k.sequence, k.record_offset, k.timestamp_ms, k.dead_lettered, length(k.value) AS bytes,
       CASE WHEN length(k.value) <= $2 THEN k.value END AS value
FROM kept_records k JOIN parked_streams p USING (topic, partition, stream)
WHERE p.id = $1
ORDER BY k.sequence, k.record_offset
LIMIT $3

-- name: ask_to_go_on
-- The wish, for whoever holds the partition. The record to discard has to be the first one still.
UPDATE parked_streams p
SET wanted = 'resume', discard_offset = $2, asked_by = $3, version = version + 1
WHERE p.id = $1 AND ($2::bigint IS NULL OR $2 = (
    SELECT k.record_offset FROM kept_records k
    WHERE k.topic = p.topic AND k.partition = p.partition AND k.stream = p.stream
    ORDER BY k.sequence, k.record_offset LIMIT 1
))
RETURNING 1

-- name: list_dead_letters
-- Dead letters by their places, which are the names of their streams; no other stream is named like a topic.
SELECT stream, event FROM journal
WHERE stream >= 'mobius.' AND stream < 'mobius/' AND ($1::text IS NULL OR stream > $1)
ORDER BY stream
LIMIT $2
