-- name: list_invocations
-- The latest first. Conditions are put in where they are asked for: a plan for all of them at once would use none of
-- the indexes.
SELECT * FROM invocations
WHERE project = $1 /* and */
ORDER BY finished_at DESC, id DESC
LIMIT $2
