-- name: list_runs
-- The latest first, without what is large. Conditions are put in where they are asked for.
SELECT id, project, workflow_name, definition_id, definition_version, status, started_at, started_by, finished_at,
       error_type, error_message, external_id
FROM runs
WHERE project = $1 /* and */
ORDER BY started_at DESC, id DESC
LIMIT $2

-- name: count_runs
-- At most $2 of each status are looked at: people want to know whether there are many.
SELECT status, (
    SELECT count(*) FROM (SELECT 1 FROM runs WHERE project = $1 AND runs.status = listed.status LIMIT $2) AS looked_at
) AS found
FROM unnest($3::text[]) AS listed (status)

-- name: find_run
-- One run with everything; a spec that is not its own is that of its version.
SELECT runs.id, runs.project, workflow_name, definition_id, definition_version, status, started_at, started_by,
       finished_at, error_type, error_message, external_id, coalesce(runs.spec, workflow_versions.spec) AS spec, inputs,
       outputs, errors, runs.tags, metadata, workflows.handle AS workflow_handle
FROM runs
LEFT JOIN workflow_versions ON workflow_id = definition_id AND version = definition_version
LEFT JOIN workflows ON workflows.id = definition_id
WHERE runs.project = $1 AND runs.id = $2
