-- name: insert_invocations
-- Hearing an event twice changes nothing. What was really added is counted by `count_invocations`.
INSERT INTO invocations (id, project, run_id, step_name, action_name, kind, executed_by, status, attempt, retry_count,
                         parameters, output_summary, error_type, error_message, started_at, finished_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::integer[], $10::integer[], $11::bytea[], $12::bytea[], $13::text[], $14::text[],
                     $15::timestamptz[], $16::timestamptz[])
ON CONFLICT (id) DO NOTHING
RETURNING project, action_name, status, started_at, finished_at

-- name: count_invocations
-- In the order of the key, so that two consumers that count the same actions wait for each other, and never both.
INSERT INTO invocation_stats AS known (project, action_name, hour, duration_class, succeeded, failed)
SELECT project, action_name, date_trunc('hour', finished_at, 'UTC'), duration_class(started_at, finished_at),
       count(*) FILTER (WHERE status = 'success'), count(*) FILTER (WHERE status <> 'success')
FROM logged
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
ON CONFLICT (project, action_name, hour, duration_class) DO UPDATE SET
    succeeded = known.succeeded + excluded.succeeded,
    failed = known.failed + excluded.failed

-- name: insert_run_events
-- The history of runs, once.
INSERT INTO run_events (run_id, at, sequence, id, type, path, step, data)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::bytea[])
ON CONFLICT DO NOTHING

-- name: insert_runs
-- Runs that began, and how they ended if they did in the same batch. A repeat can only add the end.
INSERT INTO runs AS known (id, project, workflow_name, definition_id, definition_version, spec, inputs, tags, metadata,
                           external_id, started_by, started_at, status, finished_at, outputs, error_type, error_message,
                           errors)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bytea[], $7::bytea[], $8::bytea[],
                     $9::bytea[], $10::text[], $11::text[], $12::timestamptz[], $13::text[], $14::timestamptz[],
                     $15::bytea[], $16::text[], $17::text[], $18::bytea[])
ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, finished_at = excluded.finished_at, outputs = excluded.outputs,
    error_type = excluded.error_type, error_message = excluded.error_message, errors = excluded.errors
WHERE known.finished_at IS NULL AND excluded.finished_at IS NOT NULL

-- name: end_runs
-- Runs that began in an earlier batch.
UPDATE runs SET
    status = ended.status, finished_at = ended.finished_at, outputs = ended.outputs,
    error_type = ended.error_type, error_message = ended.error_message, errors = ended.errors
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bytea[], $5::text[], $6::text[], $7::bytea[])
    AS ended (id, status, finished_at, outputs, error_type, error_message, errors)
WHERE runs.id = ended.id AND runs.finished_at IS NULL

-- name: merge_attempts
-- `merged` of services/audit/domain/attempts.py in SQL: whatever comes in whatever order, it comes to the same.
INSERT INTO run_attempts AS known (run_id, id, path, step, attempt, kind, action, scheduled_at, claimed_at, claimed_by,
                                   lost_claim_at, outcome, finished_at, error_type, error_message)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[],
                     $8::timestamptz[], $9::timestamptz[], $10::text[], $11::timestamptz[], $12::text[],
                     $13::timestamptz[], $14::text[], $15::text[])
ON CONFLICT (run_id, id) DO UPDATE SET
    path = greatest(known.path, excluded.path),
    step = greatest(known.step, excluded.step),
    attempt = greatest(known.attempt, excluded.attempt),
    kind = coalesce(known.kind, excluded.kind),
    action = coalesce(known.action, excluded.action),
    scheduled_at = least(known.scheduled_at, excluded.scheduled_at),
    claimed_at = greatest(known.claimed_at, excluded.claimed_at),
    claimed_by = CASE
        WHEN known.claimed_at IS NOT DISTINCT FROM excluded.claimed_at
            THEN coalesce(known.claimed_by, excluded.claimed_by)
        WHEN excluded.claimed_at IS NULL OR known.claimed_at > excluded.claimed_at THEN known.claimed_by
        ELSE excluded.claimed_by END,
    lost_claim_at = greatest(known.lost_claim_at, excluded.lost_claim_at),
    outcome = coalesce(known.outcome, excluded.outcome),
    finished_at = coalesce(known.finished_at, excluded.finished_at),
    error_type = coalesce(known.error_type, excluded.error_type),
    error_message = coalesce(known.error_message, excluded.error_message)

-- name: insert_versions
-- A version says the same whoever tells of it; its own event says when and by whom it was saved, too.
INSERT INTO workflow_versions AS known (workflow_id, version, spec, created_at, created_by)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bytea[], $4::timestamptz[], $5::text[])
ON CONFLICT (workflow_id, version) DO UPDATE SET created_at = excluded.created_at, created_by = excluded.created_by
WHERE known.created_at IS NULL AND excluded.created_at IS NOT NULL

-- name: insert_workflows
-- Definitions that were saved first, with what was changed in the same batch; a repeat takes nothing back.
INSERT INTO workflows AS known (id, project, handle, name, description, tags, published_as_tool, latest_version, actions,
                                created_at, created_by, updated_at, updated_by, sequence)
SELECT id, project, handle, name, description, tags, published_as_tool, latest_version,
       ARRAY(SELECT jsonb_array_elements_text(actions)), created_at, created_by, updated_at, updated_by, sequence
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::boolean[], $8::integer[],
            $9::jsonb[], $10::timestamptz[], $11::text[], $12::timestamptz[], $13::text[], $14::bigint[])
    AS made (id, project, handle, name, description, tags, published_as_tool, latest_version, actions,
             created_at, created_by, updated_at, updated_by, sequence)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, description = excluded.description, tags = excluded.tags,
    published_as_tool = excluded.published_as_tool, latest_version = excluded.latest_version,
    actions = excluded.actions, updated_at = excluded.updated_at, updated_by = excluded.updated_by,
    sequence = excluded.sequence
WHERE known.sequence < excluded.sequence

-- name: update_workflows
-- Definitions that were saved in an earlier batch; `actions` is null where the latest version stays.
UPDATE workflows SET
    name = made.name, description = made.description, tags = made.tags, published_as_tool = made.published_as_tool,
    latest_version = made.latest_version,
    actions = coalesce(CASE WHEN made.actions IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(made.actions)) END,
                       workflows.actions),
    updated_at = made.updated_at, updated_by = made.updated_by, sequence = made.sequence
FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::boolean[], $6::integer[], $7::jsonb[],
            $8::timestamptz[], $9::text[], $10::bigint[])
    AS made (id, name, description, tags, published_as_tool, latest_version, actions, updated_at, updated_by, sequence)
WHERE workflows.id = made.id AND workflows.sequence < made.sequence
