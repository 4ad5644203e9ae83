-- name: insert_workflow
-- The read model of workflow.created. A taken name or handle violates its constraint, and nothing stays.
INSERT INTO workflows (
    workflow_id, project, name, handle, description, published_as_tool, tags, latest_version, spec, created_by,
    created_at, updated_at, seq
)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9::json, $10, $11, $12, $13)

-- name: update_workflow
-- The read model of workflow.updated.
UPDATE workflows SET
    name = $2, description = $3, published_as_tool = $4, tags = $5::jsonb, latest_version = $6, spec = $7::json,
    updated_at = $8, seq = $9
WHERE workflow_id = $1

-- name: insert_version
-- Every spec stays.
INSERT INTO workflow_versions (workflow_id, version, spec, created_by, created_at)
VALUES ($1, $2, $3::json, $4, $5)

-- name: find_workflow
-- The definition with its latest spec.
SELECT * FROM workflows WHERE workflow_id = $1

-- name: find_taken
-- Who has the name or the handle.
SELECT workflow_id, name, handle FROM workflows
WHERE project = $1 AND (name = $2 OR handle = $3) AND workflow_id <> $4

-- name: list_workflows
-- Newest first, after the last one of the page before, their specs left where they are. Each tag filter is a key and the
-- values that are fine; null: any.
SELECT
    workflow_id, project, name, handle, description, published_as_tool, tags, latest_version, '{}'::json AS spec,
    created_by, created_at, updated_at, seq
FROM workflows
WHERE project = $1
  AND ($2::text IS NULL OR workflow_id < $2)
  AND NOT EXISTS (
      SELECT 1 FROM unnest($3::text[], $4::text[]) AS wanted (key, choices)
      WHERE NOT tags ? wanted.key
         OR (wanted.choices IS NOT NULL AND tags ->> wanted.key <> ALL (string_to_array(wanted.choices, ',')))
  )
ORDER BY workflow_id DESC
LIMIT $5

-- name: list_versions
-- Newest first, without their specs.
SELECT version, created_by, created_at FROM workflow_versions WHERE workflow_id = $1 ORDER BY version DESC

-- name: find_version
-- One spec as it was.
SELECT version, created_by, created_at, spec FROM workflow_versions WHERE workflow_id = $1 AND version = $2
