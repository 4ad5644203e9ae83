CREATE SCHEMA audit;

CREATE FUNCTION audit.expect_rows(what text, expected bigint, actual bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF expected <> actual THEN
        RAISE EXCEPTION USING ERRCODE = 'MB001',
            MESSAGE = format('expected %s to touch %s rows, but it touched %s', what, expected, actual);
    END IF;
    RETURN actual;
END $$;

CREATE TABLE audit.invocations (
    id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    run_id text NOT NULL COLLATE pg_catalog."C",
    step_name text NOT NULL,
    action_name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    executed_by text NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    retry_count integer NOT NULL,
    parameters bytea NOT NULL,
    output_summary bytea,
    error_type text,
    error_message text,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE audit.invocations IS 'One row per finished invocation of an action.';

CREATE TABLE audit.journal (
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    event bytea NOT NULL,
    CONSTRAINT journal_seq_check CHECK ((seq > 0))
);

COMMENT ON TABLE audit.journal IS 'Every event of this service, as the bytes that go on the topic. Append only.';

CREATE TABLE audit.kept_records (
    topic text NOT NULL COLLATE pg_catalog."C",
    partition integer NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    record_offset bigint NOT NULL,
    timestamp_ms bigint NOT NULL,
    key bytea,
    value bytea NOT NULL,
    headers bytea NOT NULL,
    dead_lettered boolean NOT NULL
);

COMMENT ON TABLE audit.kept_records IS 'The records of parked streams, byte for byte.';

CREATE TABLE audit.migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE audit.outbox (
    shard smallint NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    place bigint NOT NULL,
    streams text[] COLLATE pg_catalog."C",
    seqs bigint[]
)
WITH (autovacuum_vacuum_scale_factor='0.0', autovacuum_vacuum_threshold='5000');

COMMENT ON TABLE audit.outbox IS 'Which journal rows are not on the topic yet: those that one statement appended for a shard, in order. Deleted after the broker acknowledged them.';

ALTER TABLE audit.outbox ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.outbox_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE audit.parked_streams (
    topic text NOT NULL COLLATE pg_catalog."C",
    partition integer NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    error text NOT NULL,
    parked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    done_sequence bigint NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    wanted text,
    discard_offset bigint,
    asked_by text,
    CONSTRAINT parked_streams_reason_check CHECK ((reason = ANY (ARRAY['handler_failed'::text, 'sequence_gap'::text]))),
    CONSTRAINT parked_streams_wanted_check CHECK ((wanted = ANY (ARRAY['go_on'::text, 'resume'::text])))
);

COMMENT ON TABLE audit.parked_streams IS 'Streams whose records are kept instead of handled, until somebody or a record that was missing lets them go on.';

CREATE TABLE audit.positions (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE audit.positions IS 'The next offset to consume, moved in the transaction that holds the effects.';

CREATE TABLE audit.sessions (
    token_sha256 bytea NOT NULL,
    sealed_key text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE audit.sessions IS 'Browsers that are signed in. The API key is sealed under a key that only the cookie gives.';

ALTER TABLE ONLY audit.invocations
    ADD CONSTRAINT invocations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (stream, seq);

ALTER TABLE ONLY audit.kept_records
    ADD CONSTRAINT kept_records_pkey PRIMARY KEY (topic, partition, stream, sequence, record_offset);

ALTER TABLE ONLY audit.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY audit.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (shard, stream, seq);

ALTER TABLE ONLY audit.parked_streams
    ADD CONSTRAINT parked_streams_id_key UNIQUE (id);

ALTER TABLE ONLY audit.parked_streams
    ADD CONSTRAINT parked_streams_pkey PRIMARY KEY (topic, partition, stream);

ALTER TABLE ONLY audit.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY audit.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_sha256);

CREATE INDEX invocations_latest ON audit.invocations USING btree (project, finished_at DESC, id DESC);

CREATE INDEX invocations_of_action ON audit.invocations USING btree (project, action_name, finished_at DESC, id DESC);

CREATE INDEX invocations_of_run ON audit.invocations USING btree (run_id);

CREATE INDEX parked_streams_wanted ON audit.parked_streams USING btree (topic, partition) WHERE (wanted IS NOT NULL);

CREATE INDEX sessions_over ON audit.sessions USING btree (expires_at);
