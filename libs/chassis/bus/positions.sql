-- name: read_positions
-- Where to continue: Kafka's group offsets are only advice.
SELECT topic, partition, next_offset FROM positions

-- name: seed_position
-- The first time that a partition is seen.
INSERT INTO positions (topic, partition, next_offset) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: advance_positions
-- Compare-and-set: a zombie or a duplicate does not find the old offset, and its whole statement is rolled back.
UPDATE positions p SET next_offset = moved.next_offset
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[]) AS moved (topic, partition, old_offset, next_offset)
WHERE p.topic = moved.topic AND p.partition = moved.partition AND p.next_offset = moved.old_offset
RETURNING 1
