-- name: register_session
-- One live process per instance id: another token is refused while the incumbent was seen within the takeover window.
INSERT INTO worker_sessions AS s (project, worker_instance_id, session_id, token_sha256, concurrency_limit, name,
                                  version, queues, actions, api_key_id, last_seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9::text[], $10, clock_timestamp())
ON CONFLICT (project, worker_instance_id) DO UPDATE
SET token_sha256 = excluded.token_sha256, concurrency_limit = excluded.concurrency_limit, name = excluded.name,
    version = excluded.version, queues = excluded.queues, actions = excluded.actions,
    api_key_id = excluded.api_key_id, last_seen_at = excluded.last_seen_at
WHERE s.token_sha256 = excluded.token_sha256 OR s.last_seen_at < clock_timestamp() - $11::interval
RETURNING s.session_id, s.last_seen_at

-- name: touch_sessions
-- Who was seen since the last time, many at once.
UPDATE worker_sessions s SET last_seen_at = greatest(s.last_seen_at, t.seen_at)
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
    AS t (project, worker_instance_id, token_sha256, seen_at)
WHERE s.project = t.project AND s.worker_instance_id = t.worker_instance_id AND s.token_sha256 = t.token_sha256

-- name: read_listed_actions
-- What live workers list, wherever they poll, and when one of them was seen last.
SELECT s.project, a.action, max(s.last_seen_at) AS last_seen_at
FROM worker_sessions s CROSS JOIN LATERAL unnest(s.actions) AS a (action)
WHERE s.last_seen_at > clock_timestamp() - $1::interval
GROUP BY s.project, a.action

-- name: list_sessions
-- A project's workers, the latest first.
SELECT * FROM worker_sessions
WHERE project = $1 AND last_seen_at > clock_timestamp() - interval '30 days'
ORDER BY last_seen_at DESC LIMIT 1000

-- name: list_held
-- What a project's workers hold right now.
SELECT * FROM leased WHERE project = $1 AND kind = 'worker' ORDER BY claimed_at LIMIT 1000

-- name: delete_forgotten_sessions
-- What `list_sessions` shows no more.
DELETE FROM worker_sessions WHERE (project, worker_instance_id) IN (
    SELECT project, worker_instance_id FROM worker_sessions
    WHERE last_seen_at <= clock_timestamp() - interval '30 days' LIMIT $1
) RETURNING 1
