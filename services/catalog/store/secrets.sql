-- name: find_secrets
-- The rings of some actions, newest version first.
SELECT * FROM action_secrets WHERE action_id = ANY ($1::text[]) ORDER BY action_id, version DESC

-- name: find_pending_secrets
-- What waits for its proof, page by page.
SELECT a.project, a.name, a.endpoint_url, s.action_id, s.version
FROM action_secrets s JOIN actions a USING (action_id)
WHERE s.grace_seconds IS NOT NULL AND s.action_id > $1
ORDER BY s.action_id
LIMIT $2

-- name: find_actions_with_expired_secrets
-- What signs no more, and is to go.
SELECT DISTINCT a.project, a.name
FROM action_secrets s JOIN actions a USING (action_id)
WHERE s.expires_at <= $1
LIMIT $2

-- name: keep_secrets
-- The ring of one action as it is after a change: what is new is added, what was there is brought up to date.
INSERT INTO action_secrets (action_id, version, sealed, created_at, expires_at, grace_seconds)
SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
ON CONFLICT (action_id, version) DO UPDATE
SET sealed = excluded.sealed, expires_at = excluded.expires_at, grace_seconds = excluded.grace_seconds

-- name: drop_secrets
-- What the ring has no longer: expired, revoked, or replaced while it waited.
DELETE FROM action_secrets WHERE action_id = $1 AND version <> ALL ($2::integer[])

-- name: set_secret_version
-- The version that is active now, beside the action. It has to be the state that was decided by.
UPDATE actions SET secret_version = $2, updated_at = $3, version = $4
WHERE action_id = $1 AND version = $5
RETURNING 1
