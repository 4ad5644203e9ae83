-- name: list_run_events
-- The history of a run, the first first.
SELECT at, sequence, id, type, path, step, data FROM run_events
WHERE run_id = $2 AND EXISTS (SELECT 1 FROM runs WHERE project = $1 AND id = $2) /* and */
ORDER BY at, sequence, id
LIMIT $3

-- name: list_latest_run_events
-- The history of a run, the latest first.
SELECT at, sequence, id, type, path, step, data FROM run_events
WHERE run_id = $2 AND EXISTS (SELECT 1 FROM runs WHERE project = $1 AND id = $2) /* and */
ORDER BY at DESC, sequence DESC, id DESC
LIMIT $3
