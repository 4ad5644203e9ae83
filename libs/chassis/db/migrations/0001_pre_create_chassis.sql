-- What every service's schema has: the journal, the outbox, consumed positions, and the check that makes a statement
-- fail as a whole.

CREATE TABLE journal (
    stream text COLLATE "C" NOT NULL,
    seq    bigint NOT NULL CHECK (seq > 0),
    key    text COLLATE "C" NOT NULL,
    event  bytea NOT NULL,
    PRIMARY KEY (stream, seq)
);
COMMENT ON TABLE journal IS 'Every event of this service, as the bytes that go on the topic. Append only.';

CREATE TABLE outbox (
    shard  smallint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    seq    bigint NOT NULL,
    PRIMARY KEY (shard, stream, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE outbox IS 'Which journal rows are not on the topic yet. Deleted after the broker acknowledged them.';

CREATE TABLE positions (
    topic       text NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE positions IS 'The next offset to consume, moved in the transaction that holds the effects.';

CREATE FUNCTION expect_rows(what text, expected bigint, actual bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF expected <> actual THEN
        RAISE EXCEPTION USING ERRCODE = 'MB001',
            MESSAGE = format('expected %s to touch %s rows, but it touched %s', what, expected, actual);
    END IF;
    RETURN actual;
END $$;
