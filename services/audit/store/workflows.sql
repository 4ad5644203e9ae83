-- name: list_workflows
-- By handle, from the one of the page before.
SELECT id, project, handle, name, description, tags, published_as_tool, latest_version, actions, created_at, created_by,
       updated_at, updated_by
FROM workflows
WHERE project = $1 AND handle > $2
ORDER BY handle
LIMIT $3

-- name: find_workflow
-- By its handle or its id.
SELECT id, project, handle, name, description, tags, published_as_tool, latest_version, actions, created_at, created_by,
       updated_at, updated_by
FROM workflows
WHERE project = $1 AND (handle = $2 OR id = $2)

-- name: list_versions
-- The newest first, without their specs.
SELECT version, created_at, created_by FROM workflow_versions
WHERE workflow_id = $2 AND EXISTS (SELECT 1 FROM workflows WHERE project = $1 AND id = $2)
ORDER BY version DESC
LIMIT $3

-- name: find_version
-- What a version says.
SELECT version, created_at, created_by, spec FROM workflow_versions
WHERE workflow_id = $2 AND version = $3 AND EXISTS (SELECT 1 FROM workflows WHERE project = $1 AND id = $2)

-- name: list_workflows_using
-- Which workflows name these actions in their latest version.
SELECT action, handle FROM workflows CROSS JOIN unnest(actions) AS action
WHERE project = $1 AND actions && $2::text[] AND action = ANY ($2::text[])
ORDER BY action, handle
