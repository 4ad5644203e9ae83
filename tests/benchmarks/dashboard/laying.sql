-- name: make_moment
-- When the row with this number of so many finished: two fifths within the last day, the others in four weeks before it.
CREATE FUNCTION pg_temp.moment(number bigint, total bigint, now timestamptz) RETURNS timestamptz LANGUAGE sql STABLE
RETURN date_trunc('milliseconds', now - CASE
    WHEN number <= 0.6 * total THEN interval '1 day' + (0.6 - number::float8 / total) / 0.6 * interval '28 days'
    ELSE (1 - number::float8 / total) / 0.4 * interval '1 day' END)

-- name: lay_invocations
-- Rows $2 to $3 of $4, the oldest first, by turns of all $5 actions, in $6 runs. One in 1,999 failed. An action takes
-- 5 ms to 2.5 s, and each call of it a third to three times as long. Counted by the statement that follows.
INSERT INTO invocations (id, project, run_id, step_name, action_name, kind, executed_by, status, attempt, retry_count,
                         parameters, output_summary, error_type, error_message, started_at, finished_at)
SELECT 'job_' || lpad(number::text, 26, '0'), $1, 'run_' || lpad((number * $6 / $4)::text, 26, '0'),
       'step-' || number % 25, 'bench-' || lpad(action::text, 4, '0'), 'worker', 'bench-worker-' || number % 40,
       CASE WHEN is_failed THEN 'failed' ELSE 'success' END, 1, 0,
       convert_to(format('{"order_id":"ord-%s","customer":{"id":%s,"name":"Customer %s"},"lines":[{"sku":"A-%s","count":%s}]}',
                         number, number % 90001, number % 90001, number % 977, 1 + number % 9), 'UTF8'),
       CASE WHEN NOT is_failed THEN convert_to(format('{"ok":true,"reference":"ref-%s"}', number), 'UTF8') END,
       CASE WHEN is_failed THEN 'endpoint_error' END,
       CASE WHEN is_failed THEN 'expected 200, but the endpoint answered 503' END,
       finished_at - 5 * 2 ^ (action % 10) * exp(1.6 * (random() + random() + random() - 1.5)) * interval '1 millisecond',
       finished_at
FROM (
    SELECT number, number * 7919 % $5 AS action, number % 1999 = 7 AS is_failed,
           pg_temp.moment(number, $4, $7) AS finished_at
    FROM generate_series($2::bigint, $3::bigint) AS number
    OFFSET 0
) AS made
RETURNING project, action_name, status, started_at, finished_at

-- name: lay_runs
-- $2 runs, of the workflows by turns. One in 500 failed, the last 40 go on.
INSERT INTO runs (id, project, workflow_name, definition_id, definition_version, inputs, tags, metadata, started_by,
                  started_at, status, finished_at, outputs, error_type, error_message)
SELECT 'run_' || lpad(number::text, 26, '0'), $1, 'Bench ' || number % 5, 'wf_bench_' || number % 5, 1,
       convert_to(format('{"order_id":"ord-%s"}', number), 'UTF8'), '{}', '{}', 'key_bench', moment, status,
       CASE WHEN status <> 'active' THEN moment + interval '4 seconds' END,
       CASE WHEN status = 'completed' THEN '{"ok":true}'::bytea END,
       CASE WHEN status = 'failed' THEN 'endpoint_error' END,
       CASE WHEN status = 'failed' THEN 'expected 200, but the endpoint answered 503' END
FROM (
    SELECT number, pg_temp.moment(number, $2, $3) - interval '5 seconds' AS moment,
           CASE WHEN number > $2 - 40 THEN 'active' WHEN number % 500 = 7 THEN 'failed' ELSE 'completed' END AS status
    FROM generate_series(1::bigint, $2::bigint) AS number
    OFFSET 0
) AS made

-- name: lay_attempts
-- One for each of these runs, so that those of a long run lie among others.
INSERT INTO run_attempts (run_id, id, path, step, attempt, kind, action, scheduled_at, claimed_at, claimed_by, outcome,
                          finished_at)
SELECT id, 'job_' || substr(id, 5), 'main', 'step-0', 1, 'worker', 'bench-0000', started_at,
       started_at + interval '1 second', 'bench-worker-1', CASE WHEN status <> 'active' THEN 'completed' END, finished_at
FROM runs
WHERE project = $1 AND definition_id IS NOT NULL

-- name: find_place
-- Where a page begins that has this many rows before it.
SELECT finished_at, id FROM invocations WHERE project = $1 ORDER BY finished_at DESC, id DESC OFFSET $2 LIMIT 1

-- name: move_on
-- One more step of a run is over, so that its picture is another one.
UPDATE run_attempts SET outcome = 'failed'
WHERE run_id = $1 AND id = (SELECT id FROM run_attempts WHERE run_id = $1 AND outcome = 'completed' LIMIT 1)
