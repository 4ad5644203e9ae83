-- name: find_workflows_using
-- Whose latest version names the action, by name. Asked by people, so the specs are looked through as they lie there.
SELECT
    workflow_id, name, latest_version,
    ARRAY(
        SELECT step ->> 'name' FROM json_array_elements(spec -> 'steps') AS step WHERE step ->> 'action' = $2
    ) AS steps
FROM workflows
WHERE project = $1
  AND EXISTS (SELECT 1 FROM json_array_elements(spec -> 'steps') AS step WHERE step ->> 'action' = $2)
ORDER BY name
LIMIT $3

-- name: find_open_runs_using
-- Among the newest runs those that are open, and of these the ones whose definition names the action: a saved version is
-- looked through once for all of its runs, an inline spec where the run's first event has it. One row: how many runs and
-- how many inline specs there were to look at, and what was found.
WITH newest AS (
    SELECT run_id, workflow_name, definition_id, definition_version, status
    FROM runs WHERE project = $1 ORDER BY run_id DESC LIMIT $3
),
open AS MATERIALIZED (
    SELECT run_id, workflow_name, definition_id, definition_version FROM newest WHERE status = 'active'
),
versions AS (
    SELECT workflow_id, version FROM workflow_versions
    WHERE (workflow_id, version) IN (
        SELECT DISTINCT definition_id, definition_version FROM open WHERE definition_id IS NOT NULL
    ) AND EXISTS (SELECT 1 FROM json_array_elements(spec -> 'steps') AS step WHERE step ->> 'action' = $2)
),
inline AS (
    SELECT * FROM open WHERE definition_id IS NULL ORDER BY run_id DESC LIMIT $4
),
found AS MATERIALIZED (
    SELECT open.* FROM open JOIN versions ON workflow_id = definition_id AND version = definition_version
    UNION ALL
    SELECT inline.* FROM inline JOIN journal ON stream = run_id AND seq = 1
    WHERE EXISTS (
        SELECT 1 FROM json_array_elements(convert_from(event, 'UTF8')::json #> '{data,spec,steps}') AS step
        WHERE step ->> 'action' = $2
    )
)
SELECT
    (SELECT count(*) FROM newest) AS runs_there,
    (SELECT count(*) FROM open WHERE definition_id IS NULL) AS inline_there,
    (SELECT count(*) FROM found) AS in_flight,
    (
        SELECT coalesce(json_agg(listed), '[]') FROM (
            SELECT run_id, workflow_name, definition_id, definition_version FROM found ORDER BY run_id DESC LIMIT $5
        ) AS listed
    ) AS runs,
    (
        SELECT coalesce(json_agg(counted), '[]') FROM (
            SELECT workflow_name, definition_id, definition_version, count(*) AS runs FROM found
            GROUP BY workflow_name, definition_id, definition_version
            ORDER BY runs DESC, workflow_name, definition_version LIMIT $5
        ) AS counted
    ) AS versions
