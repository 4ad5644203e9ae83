-- One row of the outbox for all events that a statement appends for a shard, named after the first of them. A version of
-- before would publish that one only: it must not run beside this one.

ALTER TABLE outbox
    ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN streams text[] COLLATE "C",
    ADD COLUMN seqs bigint[];
COMMENT ON TABLE outbox IS
    'Which journal rows are not on the topic yet: those that one statement appended for a shard, in order. Deleted after the broker acknowledged them.';
