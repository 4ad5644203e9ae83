-- name: raw_actions
-- The counters of the actions on a page, added up.
SELECT action_name, hour, duration_class, sum(succeeded)::bigint AS succeeded, sum(failed)::bigint AS failed
FROM invocation_stats
WHERE project = $1 AND action_name = ANY ($2::text[]) AND hour >= $3
GROUP BY GROUPING SETS ((action_name, hour), (action_name, duration_class))

-- name: raw_latest
-- The latest invocations.
SELECT * FROM invocations WHERE project = $1 ORDER BY finished_at DESC, id DESC LIMIT 51

-- name: raw_failed
-- The latest that failed.
SELECT * FROM invocations WHERE project = $1 AND status = 'failed' ORDER BY finished_at DESC, id DESC LIMIT 51

-- name: raw_of_action
-- The latest of an action.
SELECT * FROM invocations WHERE project = $1 AND action_name = $2 ORDER BY finished_at DESC, id DESC LIMIT 51

-- name: raw_deep
-- Those behind a place.
SELECT * FROM invocations WHERE project = $1 AND (finished_at, id) < ($2, $3)
ORDER BY finished_at DESC, id DESC LIMIT 51

-- name: raw_runs
-- The latest runs.
SELECT id, workflow_name, definition_id, definition_version, status, started_at, finished_at, error_type
FROM runs WHERE project = $1 ORDER BY started_at DESC, id DESC LIMIT 51

-- name: raw_run
-- Every attempt of a run.
SELECT id, step, attempt, status, action, scheduled_at, claimed_at, finished_at FROM run_attempts
WHERE run_id = $1 ORDER BY scheduled_at, id
