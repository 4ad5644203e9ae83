-- name: insert_project
-- The read model of project.created. A handle that is taken violates the table's key.
INSERT INTO projects (project_id, handle, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)

-- name: find_project
-- Handles are unique in the installation.
SELECT * FROM projects WHERE handle = $1

-- name: insert_api_key
-- The read model of api_key.created. A key that was issued before violates the table's key.
INSERT INTO api_keys (key_id, token_sha256, name, role, project, created_at) VALUES ($1, $2, $3, $4, $5, $6)

-- name: find_api_key
-- By the hash, because nobody has the key but its holder.
SELECT * FROM api_keys WHERE token_sha256 = $1
