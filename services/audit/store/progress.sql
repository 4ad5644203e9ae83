-- name: recorded_up_to
-- Grows with every batch that any replica has recorded: whether a page may have changed.
SELECT sum(next_offset)::bigint AS mark FROM positions
