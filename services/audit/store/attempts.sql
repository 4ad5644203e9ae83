-- name: list_attempts
-- In the order in which they were scheduled. Who did what was done too fast to be announced stands in the log.
SELECT known.id, known.path, known.step, known.attempt, known.kind, known.action, known.status, known.scheduled_at,
       coalesce(known.claimed_at, log.started_at) AS claimed_at, coalesce(known.claimed_by, log.executed_by) AS claimed_by,
       known.finished_at, known.error_type, known.error_message, known.lost_claim_at
FROM (
    SELECT * FROM run_attempts
    WHERE run_id = $2 AND EXISTS (SELECT 1 FROM runs WHERE project = $1 AND id = $2) /* and */
    ORDER BY scheduled_at, id
    LIMIT $3
) AS known
LEFT JOIN invocations AS log ON log.id = known.id AND log.project = $1
ORDER BY known.scheduled_at, known.id

-- name: count_attempts
-- Attempts of a run by their status.
SELECT status, count(*) AS found FROM run_attempts
WHERE run_id = $2 AND EXISTS (SELECT 1 FROM runs WHERE project = $1 AND id = $2)
GROUP BY status

-- name: list_step_states
-- What became of each step, over all of its attempts.
SELECT step, count(*) FILTER (WHERE status = 'scheduled') AS scheduled,
       count(*) FILTER (WHERE status = 'running') AS running,
       count(*) FILTER (WHERE status = 'completed') AS completed,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'closed') AS closed,
       min(scheduled_at) AS first_scheduled_at, max(finished_at) AS last_finished_at
FROM run_attempts
WHERE run_id = $2 AND EXISTS (SELECT 1 FROM runs WHERE project = $1 AND id = $2) /* and */
GROUP BY step
ORDER BY first_scheduled_at, step

-- name: list_steps_by_status
-- Every attempt, as no more than the name of its step: a row for each step would cost as much as a page may.
SELECT status, array_agg(step) AS steps FROM run_attempts
WHERE run_id = $2 AND EXISTS (SELECT 1 FROM runs WHERE project = $1 AND id = $2)
GROUP BY status
