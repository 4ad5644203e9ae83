-- name: insert_invocations
-- Hearing an event twice changes nothing.
INSERT INTO invocations (id, project, run_id, step_name, action_name, kind, executed_by, status, attempt, retry_count,
                         parameters, output_summary, error_type, error_message, started_at, finished_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::integer[], $10::integer[], $11::bytea[], $12::bytea[], $13::text[], $14::text[],
                     $15::timestamptz[], $16::timestamptz[])
ON CONFLICT (id) DO NOTHING

-- name: list_invocations
-- A page of the log, the latest first, after a position; filters that are null do not filter.
SELECT * FROM invocations
WHERE project = $1
  AND ($2::text IS NULL OR run_id = $2)
  AND ($3::text IS NULL OR action_name = $3)
  AND ($4::text IS NULL OR status = $4)
  AND ($5::timestamptz IS NULL OR (finished_at, id) < ($5::timestamptz, $6::text))
ORDER BY finished_at DESC, id DESC
LIMIT $7
