-- name: insert_session
-- Somebody signs in; sessions that are over go at the same time, so they need no loop of their own.
WITH over AS (DELETE FROM sessions WHERE expires_at <= $3)
INSERT INTO sessions (token_sha256, sealed_key, created_at, expires_at) VALUES ($1, $2, $3, $4);

-- name: find_session
-- Every visit asks.
SELECT sealed_key FROM sessions WHERE token_sha256 = $1 AND expires_at > $2;

-- name: delete_session
-- Signing out.
DELETE FROM sessions WHERE token_sha256 = $1;
