-- name: put_connection
-- The read model of integration.connected: other credentials take the place of those before.
INSERT INTO integration_connections (project, integration, version, fields, sealed, connected_at, connected_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (project, integration) DO UPDATE SET
    version = excluded.version,
    fields = excluded.fields,
    sealed = excluded.sealed,
    connected_at = excluded.connected_at,
    connected_by = excluded.connected_by

-- name: delete_connection
-- The read model of integration.disconnected: the credentials are gone.
DELETE FROM integration_connections WHERE project = $1 AND integration = $2

-- name: list_connections
-- All that a project is connected with; there are only so many integrations.
SELECT project, integration, version, fields, connected_at, connected_by
FROM integration_connections
WHERE project = $1

-- name: find_connection
-- One, to take it back.
SELECT project, integration, version, fields, connected_at, connected_by
FROM integration_connections
WHERE project = $1 AND integration = $2

-- name: list_connections_of_deleted_projects
-- What is left of them, to be taken away.
SELECT c.project, c.integration
FROM projects p JOIN integration_connections c ON c.project = p.handle
WHERE p.deleted_at IS NOT NULL
ORDER BY c.project, c.integration
LIMIT $1
