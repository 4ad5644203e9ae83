-- name: find_announced
-- What was ever offered, to withdraw what is offered no more. The ranges are prefixes that the journal's key is read by.
SELECT DISTINCT stream FROM journal
WHERE (stream >= 'platform-action/' AND stream < 'platform-action0')
   OR (stream >= 'platform-integration/' AND stream < 'platform-integration0')

-- name: last_sequences
-- Where streams go on; those that do not exist are not in the answer.
SELECT stream, max(seq) AS seq FROM journal WHERE stream = ANY ($1::text[]) GROUP BY stream
