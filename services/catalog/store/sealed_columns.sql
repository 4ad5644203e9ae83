-- name: find_secrets_to_reseal
-- Signing secrets that another key than this has sealed, a batch behind the last text of the batch before.
SELECT s.sealed AS text, s.action_id, s.version, a.project, a.name
FROM action_secrets s JOIN actions a USING (action_id)
WHERE split_part(s.sealed, '.', 2) <> $1 AND s.sealed > $2
ORDER BY s.sealed
LIMIT $3

-- name: count_secrets_to_reseal
-- What is left to do.
SELECT count(*) AS left_over FROM action_secrets WHERE split_part(sealed, '.', 2) <> $1

-- name: reseal_secrets
-- Only rows that are as they were read: whoever rotated one meanwhile has sealed it under the active key.
UPDATE action_secrets s SET sealed = fresh.sealed
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS fresh (before, sealed, action_id, version)
WHERE (s.action_id, s.version, s.sealed) = (fresh.action_id, fresh.version, fresh.before)
RETURNING s.version

-- name: find_answers_to_reseal
-- Kept answers that another key than this has sealed, in batches likewise.
SELECT answer AS text, project, caller, key, request
FROM idempotency_keys
WHERE split_part(answer, '.', 2) <> $1 AND answer > $2 AND expires_at > now()
ORDER BY answer
LIMIT $3

-- name: count_answers_to_reseal
-- What is left to do; what has expired is not answered again.
SELECT count(*) AS left_over FROM idempotency_keys WHERE split_part(answer, '.', 2) <> $1 AND expires_at > now()

-- name: reseal_answers
-- One that was swept meanwhile makes the batch be decided again.
UPDATE idempotency_keys kept SET answer = fresh.answer
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS fresh (before, answer, project, caller, key)
WHERE (kept.project, kept.caller, kept.key, kept.answer) = (fresh.project, fresh.caller, fresh.key, fresh.before)
RETURNING kept.key

-- name: find_credentials_to_reseal
-- Credentials of connections that another key than this has sealed, in batches likewise.
SELECT sealed AS text, project, integration
FROM integration_connections
WHERE split_part(sealed, '.', 2) <> $1 AND sealed > $2
ORDER BY sealed
LIMIT $3

-- name: count_credentials_to_reseal
-- What is left to do.
SELECT count(*) AS left_over FROM integration_connections WHERE split_part(sealed, '.', 2) <> $1

-- name: reseal_credentials
-- A connection that was given others meanwhile has them sealed under the active key.
UPDATE integration_connections kept SET sealed = fresh.sealed
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS fresh (before, sealed, project, integration)
WHERE (kept.project, kept.integration, kept.sealed) = (fresh.project, fresh.integration, fresh.before)
RETURNING kept.integration
