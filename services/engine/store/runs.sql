-- name: insert_runs
-- The read model of run.started. A taken external id violates its index, and nothing of the statement stays.
INSERT INTO runs (
    project, run_id, workflow_name, definition_id, definition_version, status, queue, source_type, source_id,
    external_id, created_at, completed_at
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::timestamptz[], $12::timestamptz[]
)

-- name: end_runs
-- The read model of run.completed and run.failed.
UPDATE runs SET status = ended.status, completed_at = ended.completed_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS ended (project, run_id, status, completed_at)
WHERE runs.project = ended.project AND runs.run_id = ended.run_id

-- name: expect_definitions
-- A run starts with the latest version: the definitions that were decided by must still be at their sequences.
SELECT 1
FROM unnest($1::text[], $2::bigint[]) AS used (workflow_id, seq)
JOIN workflows USING (workflow_id, seq)

-- name: find_definition_sequences
-- Which of the definitions have moved on.
SELECT workflow_id, seq FROM workflows WHERE workflow_id = ANY ($1::text[])

-- name: find_by_external_id
-- Who holds these external ids.
SELECT project, external_id, run_id, status
FROM runs JOIN unnest($1::text[], $2::text[]) AS wanted (project, external_id) USING (project, external_id)

-- name: list_runs
-- Newest first, from the last one of the page before. Conditions on other columns are put in where they are asked for:
-- a plan for all of them at once would use none of the indexes.
SELECT run_id FROM runs
WHERE project = $1 AND run_id < $2 /* and */
ORDER BY run_id DESC
LIMIT $3

-- name: read_tails
-- What was appended to runs since they were last looked at.
SELECT journal.stream, journal.event
FROM unnest($1::text[], $2::bigint[]) AS watched (stream, seen)
JOIN journal ON journal.stream = watched.stream AND journal.seq > watched.seen
ORDER BY journal.stream, journal.seq
LIMIT $3
