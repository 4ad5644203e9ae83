-- name: find_job
-- One open job, waiting or held.
SELECT job_id, false AS held, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
       NULL::text AS claimed_by, NULL::timestamptz AS claimed_at, NULL::timestamptz AS heartbeat_at
FROM ready WHERE job_id = $1 AND kind = 'worker'
UNION ALL
SELECT job_id, true, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
       claimed_by, claimed_at, heartbeat_at
FROM leased WHERE job_id = $1 AND kind = 'worker'

-- name: find_jobs_of_run
-- The open jobs of a run.
SELECT job_id, false AS held, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
       NULL::text AS claimed_by, NULL::timestamptz AS claimed_at, NULL::timestamptz AS heartbeat_at
FROM ready WHERE run_id = $1 AND kind = 'worker'
UNION ALL
SELECT job_id, true, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
       claimed_by, claimed_at, heartbeat_at
FROM leased WHERE run_id = $1 AND kind = 'worker'

-- name: find_events_of_run
-- What the journal tells of a run's jobs; the last event of each stream counts.
SELECT DISTINCT ON (stream) stream, event FROM journal WHERE key = $1 ORDER BY stream, seq DESC
