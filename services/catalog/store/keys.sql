-- name: insert_api_key
-- The read model of api_key.created. A key that was issued before violates the table's key.
INSERT INTO api_keys (key_id, token_sha256, name, role, project, created_at, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: revoke_api_key
-- The read model of api_key.revoked.
UPDATE api_keys SET revoked_at = $2 WHERE key_id = $1

-- name: keep_another_admin
-- Two administrators who revoke each other's key at the same time would leave nobody. So every such change locks all
-- keys that keep the door, in one order, and then counts whether one of the others is left.
SELECT 1 AS kept FROM (
    SELECT key_id FROM api_keys
    WHERE role = 'admin' AND project IS NULL AND expires_at IS NULL AND revoked_at IS NULL
    ORDER BY key_id
    FOR UPDATE
) AS keepers
WHERE key_id <> $1
LIMIT 1

-- name: find_another_admin
-- Whether a key other than this one can always make keys.
SELECT 1 AS found FROM api_keys
WHERE role = 'admin' AND project IS NULL AND expires_at IS NULL AND revoked_at IS NULL AND key_id <> $1
LIMIT 1

-- name: find_api_key_by_hash
-- By the hash, because nobody has the key but its holder.
SELECT * FROM api_keys WHERE token_sha256 = $1

-- name: find_api_key
-- By its id.
SELECT * FROM api_keys WHERE key_id = $1

-- name: list_api_keys
-- Newest first, after the last one of the page before; of one project, or of the whole installation and all projects.
-- A status is asked for at a moment, because keys expire.
SELECT * FROM api_keys
WHERE ($1::text IS NULL OR project = $1)
  AND ($2::timestamptz IS NULL OR (created_at, key_id) < ($2, $3))
  AND ($4::text = 'all' OR $4 = CASE
      WHEN revoked_at IS NOT NULL THEN 'revoked'
      WHEN expires_at <= $5::timestamptz THEN 'expired'
      ELSE 'active'
  END)
ORDER BY created_at DESC, key_id DESC
LIMIT $6

-- name: list_keys_of_installation
-- Who becomes a member when a project that was open to all is restricted, and nobody shall be shut out.
SELECT key_id FROM api_keys
WHERE project IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)
ORDER BY key_id
LIMIT $2

-- name: find_valid_keys
-- Which of these open anything: who was added to a project stays in its list when the key has ended.
SELECT key_id FROM api_keys
WHERE key_id = ANY ($1::text[]) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)

-- name: list_born_members
-- The valid keys of a project itself, by id: they are its members without having been added.
SELECT * FROM api_keys
WHERE project = $1 AND key_id > $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
ORDER BY key_id
LIMIT $4

-- name: list_keys_of_deleted_projects
-- They open nothing; so that they say so, they are to be revoked.
SELECT k.key_id, k.project
FROM projects p JOIN api_keys k ON k.project = p.handle
WHERE p.deleted_at IS NOT NULL AND k.revoked_at IS NULL
ORDER BY k.key_id
LIMIT $1
