-- name: insert_ready
-- A scheduled step becomes claimable once: repeats find the job waiting, leased, or already in the journal.
INSERT INTO ready (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
SELECT j.job_id, j.project, j.kind, j.action, j.queue, j.run_id, j.attempt, j.body, j.parameters
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bytea[], $9::bytea[])
    AS j (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
WHERE NOT EXISTS (SELECT 1 FROM leased l WHERE l.job_id = j.job_id)
  AND NOT EXISTS (SELECT 1 FROM journal e WHERE e.stream = j.job_id)
ON CONFLICT (job_id) DO NOTHING

-- name: insert_leased
-- A scheduled step goes to a worker that waits for it. As with insert_ready, a repeat finds it where it is.
INSERT INTO leased (job_id, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
                    token, claimed_by, claimed_at, lease_until, batch)
SELECT j.job_id, j.project, j.kind, j.action, j.queue, j.run_id, j.attempt, 0, 0, j.body, j.parameters,
       j.token, j.claimed_by, $13::timestamptz, clock_timestamp() + j.lease_for, $14::uuid
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bytea[],
            $9::bytea[], $10::text[], $11::text[], $12::interval[])
    AS j (job_id, project, kind, action, queue, run_id, attempt, body, parameters, token, claimed_by, lease_for)
WHERE NOT EXISTS (SELECT 1 FROM ready r WHERE r.job_id = j.job_id)
  AND NOT EXISTS (SELECT 1 FROM journal e WHERE e.stream = j.job_id)
ON CONFLICT (job_id) DO NOTHING
RETURNING 1

-- name: claim_jobs
-- The oldest jobs of these actions go to the waiting claims, one for each turn.
WITH picked AS (
    SELECT r.job_id FROM ready r
    WHERE r.project = $1 AND r.kind = $2
      AND ($3::text[] IS NULL OR r.action = ANY ($3::text[]))
      AND ($4::text[] IS NULL OR r.queue = ANY ($4::text[]))
    ORDER BY r.position
    LIMIT cardinality($5::text[])
    FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM ready r USING picked p WHERE r.job_id = p.job_id RETURNING r.*
), numbered AS (
    SELECT t.*, row_number() OVER (ORDER BY t.position) AS place FROM taken t
)
INSERT INTO leased (job_id, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
                    token, claimed_by, claimed_at, lease_until, batch)
SELECT n.job_id, n.project, n.kind, n.action, n.queue, n.run_id, n.attempt, n.expiries, n.sequence, n.body, n.parameters,
       c.token, c.claimed_by, clock_timestamp(), clock_timestamp() + $7::interval, $8::uuid
FROM numbered n
JOIN unnest($5::text[], $6::text[]) WITH ORDINALITY AS c (token, claimed_by, place) USING (place)
ORDER BY place
RETURNING *

-- name: release_leases
-- A claim whose client went away before the answer: the job is claimable again as if nothing had been, unless its run
-- ended meanwhile.
WITH freed AS (
    DELETE FROM leased l USING unnest($1::text[], $2::text[], $3::integer[]) AS f (job_id, token, attempt)
    WHERE l.job_id = f.job_id AND l.token = f.token AND l.attempt = f.attempt
    RETURNING l.*
)
INSERT INTO ready (job_id, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters)
SELECT job_id, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters FROM freed
WHERE NOT cancel_requested

-- name: find_lanes
-- The floor under in-memory wake-ups: which kinds of jobs wait, found by skipping through the index, however many wait.
WITH RECURSIVE lanes AS (
    (SELECT project, kind, action FROM ready ORDER BY project, kind, action, position LIMIT 1)
    UNION ALL
    SELECT n.project, n.kind, n.action FROM lanes l CROSS JOIN LATERAL (
        SELECT r.project, r.kind, r.action FROM ready r
        WHERE (r.project, r.kind, r.action) > (l.project, l.kind, l.action)
        ORDER BY r.project, r.kind, r.action, r.position LIMIT 1
    ) n
)
SELECT project, kind, action FROM lanes

-- name: return_ready
-- An expired lease gives its job back with a higher attempt.
INSERT INTO ready (job_id, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[],
                     $9::bigint[], $10::bytea[], $11::bytea[])

-- name: delete_ready
-- Jobs of runs that ended before anybody claimed them.
DELETE FROM ready WHERE job_id = ANY ($1::text[]) RETURNING 1

-- name: find_begun
-- Jobs that have a history: a repeated record brings nothing new about them.
SELECT DISTINCT stream FROM journal WHERE stream = ANY ($1::text[])
