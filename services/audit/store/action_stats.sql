-- name: sum_invocation_stats
-- By action: by hour (without a class) and by class (without an hour), from the same counters.
SELECT action_name, hour, duration_class, sum(succeeded)::bigint AS succeeded, sum(failed)::bigint AS failed
FROM invocation_stats
WHERE project = $1 AND action_name = ANY ($2::text[]) AND hour >= $3
GROUP BY GROUPING SETS ((action_name, hour), (action_name, duration_class))
ORDER BY action_name, hour, duration_class
