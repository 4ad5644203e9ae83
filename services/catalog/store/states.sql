-- name: delete_superseded_states
-- Those with sealed texts that a later one of their stream follows, since a while; from the beginning of a stream, so
-- that it never has a gap. The relay reads what it has to publish from here: nothing goes that the outbox names.
DELETE FROM journal
WHERE (stream, seq) IN (
    SELECT old.stream, old.seq
    FROM journal old
    WHERE (old.stream LIKE 'action-state/%' OR old.stream LIKE 'integration-state/%')
      AND EXISTS (
          SELECT FROM journal newer
          WHERE newer.stream = old.stream AND newer.seq > old.seq
            AND (convert_from(newer.event, 'UTF8')::json ->> 'time')::timestamptz <= clock_timestamp() - $1::interval
      )
      AND NOT EXISTS (
          SELECT FROM outbox o
          CROSS JOIN unnest(coalesce(o.streams, ARRAY[o.stream]), coalesce(o.seqs, ARRAY[o.seq])) AS waiting (stream, seq)
          WHERE waiting.stream = old.stream AND waiting.seq <= old.seq
      )
    ORDER BY old.stream, old.seq
    LIMIT $2
)
RETURNING 1
