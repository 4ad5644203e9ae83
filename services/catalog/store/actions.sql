-- name: insert_action
-- The read model of action.created. A name that is taken violates the table's key, and nothing of the change stays.
INSERT INTO actions (
    action_id, project, name, title, description, endpoint_url, input_schema, output_schema, annotations,
    secret_version, created_at, updated_at, version
)
VALUES ($1, $2, $3, $4, $5, $6, $7::json, $8::json, $9::json, $10, $11, $12, $13)

-- name: update_action
-- The read model of action.updated. It has to be the state that was decided by.
UPDATE actions SET
    title = $2, description = $3, endpoint_url = $4, input_schema = $5::json, output_schema = $6::json,
    annotations = $7::json, updated_at = $8, version = $9
WHERE action_id = $1 AND version = $10
RETURNING 1

-- name: delete_action
-- The read model of action.deleted. Its history stays in the journal, and its name is free.
DELETE FROM actions WHERE action_id = $1 AND version = $2
RETURNING 1

-- name: find_action
-- Names are what people and steps know.
SELECT * FROM actions WHERE project = $1 AND name = $2

-- name: page_actions
-- Newest first; an empty cursor is the beginning.
SELECT * FROM actions
WHERE project = $1 AND ($2::text IS NULL OR action_id < $2)
ORDER BY action_id DESC
LIMIT $3

-- name: list_actions
-- The whole catalog of a project is one answer.
SELECT * FROM actions WHERE project = $1 ORDER BY name

-- name: list_actions_of_deleted_projects
-- What is left of them, to be taken away.
SELECT actions.project, actions.name
FROM projects JOIN actions ON actions.project = projects.handle
WHERE projects.deleted_at IS NOT NULL
ORDER BY actions.action_id
LIMIT $1
