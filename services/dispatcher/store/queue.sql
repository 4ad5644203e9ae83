-- name: insert_ready
-- A scheduled step becomes claimable once: repeats find the job waiting, leased, or already in the journal. The probes
-- are scalar so that there is one for each job: a join, planned while the tables were small, would read them whole.
INSERT INTO ready (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
SELECT j.job_id, j.project, j.kind, j.action, j.queue, j.run_id, j.attempt, j.body, j.parameters
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bytea[], $9::bytea[])
    AS j (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
WHERE (SELECT 1 FROM leased l WHERE l.job_id = j.job_id) IS NULL
  AND (SELECT 1 FROM journal e WHERE e.stream = j.job_id LIMIT 1) IS NULL
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
WHERE (SELECT 1 FROM ready r WHERE r.job_id = j.job_id) IS NULL
  AND (SELECT 1 FROM journal e WHERE e.stream = j.job_id LIMIT 1) IS NULL
ON CONFLICT (job_id) DO NOTHING
RETURNING 1

-- name: claim_jobs
-- The oldest jobs of these lanes, one for each turn. Each lane is read in the order of its index, and no further than
-- is needed; only what is taken gets locked. Answers at least one row: `seen` is how many jobs were in view.
WITH lanes AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::bigint[]) AS l (action, queue, start)
), in_view AS (
    SELECT v.place, v.position FROM lanes l CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.position FROM ready r
        WHERE r.project = $1 AND r.kind = $2 AND r.action = l.action AND r.queue = l.queue AND r.position > l.start
        ORDER BY r.position LIMIT $6
    ) v
    ORDER BY v.position LIMIT $6
), picked AS (
    SELECT r.ctid AS place FROM ready r WHERE r.ctid = ANY (ARRAY(SELECT v.place FROM in_view v))
    ORDER BY r.position LIMIT cardinality($7::text[])
    FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM ready r WHERE r.ctid = ANY (ARRAY(SELECT p.place FROM picked p)) RETURNING r.*
), numbered AS (
    SELECT t.*, row_number() OVER (ORDER BY t.position) AS turn FROM taken t
), granted AS MATERIALIZED (
    SELECT n.*, c.token, c.claimed_by, clock_timestamp() AS claimed_at
    FROM numbered n JOIN unnest($7::text[], $8::text[]) WITH ORDINALITY AS c (token, claimed_by, turn) ON c.turn = n.turn
), held AS (
    INSERT INTO leased (job_id, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
                        token, claimed_by, claimed_at, lease_until, batch)
    SELECT job_id, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
           token, claimed_by, claimed_at, claimed_at + $9::interval, $10::uuid
    FROM granted
)
SELECT s.seen, g.*, false AS cancel_requested, false AS announced
FROM (SELECT count(*) AS seen FROM in_view) s LEFT JOIN granted g ON true
ORDER BY g.turn

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
-- A look at the whole queue: where jobs wait and the first of each lane, found by skipping through the index.
WITH RECURSIVE lanes AS (
    (SELECT project, kind, action, queue, position FROM ready ORDER BY project, kind, action, queue, position LIMIT 1)
    UNION ALL
    SELECT n.* FROM lanes l CROSS JOIN LATERAL (
        SELECT r.project, r.kind, r.action, r.queue, r.position FROM ready r
        WHERE (r.project, r.kind, r.action, r.queue) > (l.project, l.kind, l.action, l.queue)
        ORDER BY r.project, r.kind, r.action, r.queue, r.position LIMIT 1
    ) n
)
SELECT * FROM lanes

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
