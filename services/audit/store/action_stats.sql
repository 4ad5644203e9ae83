-- name: sum_invocation_stats
-- By action: by hour (without a class) and by class (without an hour), from the same counters; in no order. One action
-- after the other, so that nothing is grouped by texts, and as integers, which no hour of an action goes beyond: a page
-- adds up some 20,000 counters, and this takes it two thirds of the time.
SELECT wanted AS action_name, hour, duration_class, succeeded, failed
FROM unnest($2::text[]) AS wanted, LATERAL (
    SELECT hour, duration_class, sum(succeeded::integer) AS succeeded, sum(failed::integer) AS failed
    FROM invocation_stats
    WHERE project = $1 AND action_name = wanted AND hour >= $3
    GROUP BY GROUPING SETS ((hour), (duration_class))
) AS summed
