CREATE SCHEMA dispatcher;

CREATE FUNCTION dispatcher.expect_rows(what text, expected bigint, actual bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF expected <> actual THEN
        RAISE EXCEPTION USING ERRCODE = 'MB001',
            MESSAGE = format('expected %s to touch %s rows, but it touched %s', what, expected, actual);
    END IF;
    RETURN actual;
END $$;

CREATE TABLE dispatcher.journal (
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    event bytea NOT NULL,
    CONSTRAINT journal_seq_check CHECK ((seq > 0))
);

COMMENT ON TABLE dispatcher.journal IS 'Every event of this service, as the bytes that go on the topic. Append only.';

CREATE TABLE dispatcher.kept_records (
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

COMMENT ON TABLE dispatcher.kept_records IS 'The records of parked streams, byte for byte.';

CREATE TABLE dispatcher.leased (
    job_id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    queue text NOT NULL COLLATE pg_catalog."C",
    run_id text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    expiries integer NOT NULL,
    sequence bigint NOT NULL,
    body bytea NOT NULL,
    parameters bytea NOT NULL,
    token text NOT NULL,
    claimed_by text NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    heartbeat_at timestamp with time zone,
    lease_until timestamp with time zone NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    announced boolean DEFAULT false NOT NULL,
    batch uuid
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.0', autovacuum_vacuum_threshold='5000');

COMMENT ON TABLE dispatcher.leased IS 'Invocations in somebody''s hands. The fence is (token, attempt), the token by its SHA-256; the clock is the database''s.';

CREATE TABLE dispatcher.migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE dispatcher.outbox (
    shard smallint NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    place bigint NOT NULL,
    streams text[] COLLATE pg_catalog."C",
    seqs bigint[]
)
WITH (autovacuum_vacuum_scale_factor='0.0', autovacuum_vacuum_threshold='5000');

COMMENT ON TABLE dispatcher.outbox IS 'Which journal rows are not on the topic yet: those that one statement appended for a shard, in order. Deleted after the broker acknowledged them.';

ALTER TABLE dispatcher.outbox ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME dispatcher.outbox_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE dispatcher.parked_streams (
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

COMMENT ON TABLE dispatcher.parked_streams IS 'Streams whose records are kept instead of handled, until somebody or a record that was missing lets them go on.';

CREATE TABLE dispatcher.positions (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE dispatcher.positions IS 'The next offset to consume, moved in the transaction that holds the effects.';

CREATE TABLE dispatcher.ready (
    job_id text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    project text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    queue text NOT NULL COLLATE pg_catalog."C",
    run_id text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    expiries integer DEFAULT 0 NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    body bytea NOT NULL,
    parameters bytea NOT NULL,
    CONSTRAINT ready_kind_check CHECK ((kind = ANY (ARRAY['worker'::text, 'server'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0.0', autovacuum_vacuum_threshold='5000');

COMMENT ON TABLE dispatcher.ready IS 'Invocations that wait for an executor, first in first out per project and action.';

ALTER TABLE dispatcher.ready ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME dispatcher.ready_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE dispatcher.worker_sessions (
    project text NOT NULL COLLATE pg_catalog."C",
    worker_instance_id text NOT NULL,
    session_id text NOT NULL,
    token_sha256 text NOT NULL,
    concurrency_limit integer NOT NULL,
    name text,
    version text,
    queues text[] NOT NULL,
    actions text[] NOT NULL,
    api_key_id text NOT NULL,
    last_seen_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE dispatcher.worker_sessions IS 'Who polls for jobs, and which actions they list: the courier leaves those alone.';

ALTER TABLE ONLY dispatcher.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (stream, seq);

ALTER TABLE ONLY dispatcher.kept_records
    ADD CONSTRAINT kept_records_pkey PRIMARY KEY (topic, partition, stream, sequence, record_offset);

ALTER TABLE ONLY dispatcher.leased
    ADD CONSTRAINT leased_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY dispatcher.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY dispatcher.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (shard, stream, seq);

ALTER TABLE ONLY dispatcher.parked_streams
    ADD CONSTRAINT parked_streams_id_key UNIQUE (id);

ALTER TABLE ONLY dispatcher.parked_streams
    ADD CONSTRAINT parked_streams_pkey PRIMARY KEY (topic, partition, stream);

ALTER TABLE ONLY dispatcher.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY dispatcher.ready
    ADD CONSTRAINT ready_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY dispatcher.worker_sessions
    ADD CONSTRAINT worker_sessions_pkey PRIMARY KEY (project, worker_instance_id);

CREATE INDEX journal_by_key ON dispatcher.journal USING btree (key);

CREATE INDEX parked_streams_wanted ON dispatcher.parked_streams USING btree (topic, partition) WHERE (wanted IS NOT NULL);

CREATE INDEX ready_by_lane ON dispatcher.ready USING btree (project, kind, action, queue, "position");

CREATE INDEX ready_of_run ON dispatcher.ready USING btree (run_id);
