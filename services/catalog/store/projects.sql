-- name: put_project
-- The read model of all that happens to a project, as it is afterwards. A new one with a taken handle violates the key.
INSERT INTO projects (
    project_id, handle, name, description, access_mode, tags, config, members, created_by, created_at, updated_at,
    archived_at, deleted_at, version
)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::json, $8::json, $9, $10, $11, $12, $13, $14)
ON CONFLICT (project_id) DO UPDATE SET
    name = excluded.name, description = excluded.description, access_mode = excluded.access_mode,
    tags = excluded.tags, config = excluded.config, members = excluded.members, updated_at = excluded.updated_at,
    archived_at = excluded.archived_at, deleted_at = excluded.deleted_at, version = excluded.version

-- name: find_project
-- By id or by handle: an id has an underscore, a handle never has. Deleted ones too, because their handles stay taken.
SELECT * FROM projects WHERE project_id = $1 OR handle = $1

-- name: list_projects
-- Newest first, after the last one of the page before. `search` is a prefix of handle or name; each tag filter is a key
-- and the values that are fine; null: any. `reaches` is the handle of the caller's own project; null: all that are open
-- to it, by its role or as a member.
SELECT * FROM projects
WHERE deleted_at IS NULL
  AND ($1::text IS NULL OR project_id < $1)
  AND ($2::text = 'all' OR (archived_at IS NOT NULL) = ($2 = 'archived'))
  AND ($3::text IS NULL OR starts_with(handle, lower($3)) OR starts_with(lower(name), lower($3)))
  AND NOT EXISTS (
      SELECT 1 FROM unnest($4::text[], $5::text[]) AS wanted (key, choices)
      WHERE NOT tags ? wanted.key
         OR (wanted.choices IS NOT NULL AND tags ->> wanted.key <> ALL (string_to_array(wanted.choices, ',')))
  )
  AND ($6::text IS NULL OR handle = $6)
  AND ($7::text IS NULL OR access_mode = 'org_open' OR EXISTS (
      SELECT 1 FROM json_array_elements(members) AS member WHERE member ->> 'key_id' = $7
  ))
ORDER BY project_id DESC
LIMIT $8
