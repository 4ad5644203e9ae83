-- name: find_kept_answer
-- What the same key was answered, as long as that is kept.
SELECT request, answer FROM idempotency_keys
WHERE project = $1 AND caller = $2 AND key = $3 AND expires_at > now()

-- name: keep_answer
-- Together with what is answered. Who finds the key taken was overtaken; one that has expired may be used again.
INSERT INTO idempotency_keys AS kept (project, caller, key, request, answer, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + $6::interval)
ON CONFLICT (project, caller, key) DO UPDATE
SET request = excluded.request, answer = excluded.answer, expires_at = excluded.expires_at
WHERE kept.expires_at <= now()
RETURNING 1

-- name: delete_expired_answers
-- They are not answered again; so many at once.
DELETE FROM idempotency_keys
WHERE (project, caller, key) IN (
    SELECT project, caller, key FROM idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1
)
RETURNING 1

-- name: list_deleted_projects_with_answers
-- Nobody can repeat a request in them; so what they were answered is to go.
SELECT p.handle AS project
FROM projects p
WHERE p.deleted_at IS NOT NULL AND EXISTS (SELECT FROM idempotency_keys kept WHERE kept.project = p.handle)
ORDER BY p.handle
LIMIT $1

-- name: forget_answers
-- All of a project that was deleted.
DELETE FROM idempotency_keys WHERE project = $1
