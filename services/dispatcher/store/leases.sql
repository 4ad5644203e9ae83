-- name: finish_leases
-- Reports in one statement: the fence is checked where the result is recorded, by the database's clock. The jobs are
-- named twice, so that even a plan made while hardly anything was leased goes to each of them by its index.
WITH report AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::boolean[], $6::text[], $7::smallint[],
                         $8::bytea[])
        WITH ORDINALITY AS r (job_id, token, attempt, sequence, late, key, shard, event, at)
), done AS (
    DELETE FROM leased l USING report r
    WHERE l.job_id = ANY ($1::text[]) AND l.job_id = r.job_id AND l.token = r.token AND l.attempt = r.attempt
      AND l.sequence = r.sequence - 1 AND l.cancel_requested = r.late AND l.lease_until > clock_timestamp()
    RETURNING l.job_id
), appended AS (
    INSERT INTO journal (stream, seq, key, event)
    SELECT r.job_id, r.sequence, r.key, r.event FROM report r JOIN done USING (job_id)
), outboxed AS (
    INSERT INTO outbox (shard, stream, seq, streams, seqs)
    SELECT r.shard, (array_agg(r.job_id ORDER BY r.at))[1], (array_agg(r.sequence ORDER BY r.at))[1],
           array_agg(r.job_id ORDER BY r.at), array_agg(r.sequence ORDER BY r.at)
    FROM report r JOIN done USING (job_id)
    GROUP BY r.shard
)
SELECT job_id FROM done

-- name: extend_leases
-- Heartbeats, many in one statement; the jobs are named twice as above.
UPDATE leased l SET lease_until = clock_timestamp() + h.lease_for, heartbeat_at = clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::integer[], $4::interval[]) AS h (job_id, token, attempt, lease_for)
WHERE l.job_id = ANY ($1::text[]) AND l.job_id = h.job_id AND l.token = h.token AND l.attempt = h.attempt
  AND l.lease_until > clock_timestamp()
RETURNING l.job_id, l.project, l.token, l.attempt, l.cancel_requested

-- name: read_leases
-- Leases that this process did not hand out itself.
SELECT * FROM leased WHERE job_id = ANY ($1::text[])

-- name: read_claimed
-- What claiming statements took whose answers got lost. Rare, and few leases are held at a time: it needs no index.
SELECT * FROM leased WHERE batch = ANY ($1::uuid[])

-- name: find_expired
-- Whose holders went silent.
SELECT * FROM leased WHERE lease_until <= clock_timestamp() ORDER BY lease_until LIMIT $1

-- name: find_unannounced
-- Leases that have lasted long enough to be worth an event.
SELECT * FROM leased
WHERE NOT announced AND NOT cancel_requested AND kind = 'worker' AND claimed_at <= clock_timestamp() - $1::interval
ORDER BY claimed_at LIMIT $2

-- name: free_leases
-- Expired leases, each only if nothing happened to it since it was read.
DELETE FROM leased l
USING unnest($1::text[], $2::text[], $3::bigint[]) AS f (job_id, token, sequence)
WHERE l.job_id = f.job_id AND l.token = f.token AND l.sequence = f.sequence AND l.lease_until <= clock_timestamp()
RETURNING 1

-- name: advance_leases
-- Events about leases that go on: announced claims, progress.
UPDATE leased l SET sequence = a.sequence_to, announced = l.announced OR a.announced
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::boolean[])
    AS a (job_id, token, attempt, sequence_from, sequence_to, announced)
WHERE l.job_id = a.job_id AND l.token = a.token AND l.attempt = a.attempt AND l.sequence = a.sequence_from
  AND l.lease_until > clock_timestamp()
RETURNING 1

-- name: request_cancel
-- The run ended: the holder learns it with its next heartbeat.
UPDATE leased l SET cancel_requested = true, sequence = c.sequence
FROM unnest($1::text[], $2::bigint[]) AS c (job_id, sequence)
WHERE l.job_id = c.job_id AND l.sequence = c.sequence - 1
RETURNING 1

-- name: read_open
-- Jobs that a run left open when it ended.
SELECT job_id, false AS held, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
       false AS cancel_requested, NULL::text AS claimed_by, NULL::timestamptz AS claimed_at FROM ready WHERE job_id = ANY ($1::text[])
UNION ALL
SELECT job_id, true, project, kind, action, queue, run_id, attempt, expiries, sequence, body, parameters,
       cancel_requested, claimed_by, claimed_at FROM leased WHERE job_id = ANY ($1::text[])
