CREATE SCHEMA engine;

CREATE FUNCTION engine.expect_rows(what text, expected bigint, actual bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF expected <> actual THEN
        RAISE EXCEPTION USING ERRCODE = 'MB001',
            MESSAGE = format('expected %s to touch %s rows, but it touched %s', what, expected, actual);
    END IF;
    RETURN actual;
END $$;

CREATE TABLE engine.journal (
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    event bytea NOT NULL,
    CONSTRAINT journal_seq_check CHECK ((seq > 0))
);

COMMENT ON TABLE engine.journal IS 'Every event of this service, as the bytes that go on the topic. Append only.';

CREATE TABLE engine.kept_records (
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

COMMENT ON TABLE engine.kept_records IS 'The records of parked streams, byte for byte.';

CREATE TABLE engine.migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE engine.outbox (
    shard smallint NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    place bigint NOT NULL,
    streams text[] COLLATE pg_catalog."C",
    seqs bigint[]
)
WITH (autovacuum_vacuum_scale_factor='0.0', autovacuum_vacuum_threshold='5000');

COMMENT ON TABLE engine.outbox IS 'Which journal rows are not on the topic yet: those that one statement appended for a shard, in order. Deleted after the broker acknowledged them.';

ALTER TABLE engine.outbox ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME engine.outbox_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE engine.parked_streams (
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

COMMENT ON TABLE engine.parked_streams IS 'Streams whose records are kept instead of handled, until somebody or a record that was missing lets them go on.';

CREATE TABLE engine.positions (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE engine.positions IS 'The next offset to consume, moved in the transaction that holds the effects.';

CREATE TABLE engine.runs (
    project text NOT NULL COLLATE pg_catalog."C",
    run_id text NOT NULL COLLATE pg_catalog."C",
    workflow_name text NOT NULL,
    definition_id text COLLATE pg_catalog."C",
    definition_version integer,
    status text NOT NULL,
    queue text NOT NULL,
    source_type text NOT NULL,
    source_id text,
    external_id text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone
)
WITH (fillfactor='80');

COMMENT ON TABLE engine.runs IS 'One row per run, written at its start and at its end and never between. Ids grow with time.';

CREATE TABLE engine.workflow_versions (
    workflow_id text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    spec json NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE engine.workflow_versions IS 'Every spec that a definition ever had. Append only.';

CREATE TABLE engine.workflows (
    workflow_id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    handle text NOT NULL COLLATE pg_catalog."C",
    description text,
    published_as_tool boolean NOT NULL,
    tags jsonb NOT NULL,
    latest_version integer NOT NULL,
    spec json NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL
);

COMMENT ON TABLE engine.workflows IS 'Definitions as they are now, with the spec of the latest version. Ids grow with time.';

ALTER TABLE ONLY engine.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (stream, seq);

ALTER TABLE ONLY engine.kept_records
    ADD CONSTRAINT kept_records_pkey PRIMARY KEY (topic, partition, stream, sequence, record_offset);

ALTER TABLE ONLY engine.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY engine.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (shard, stream, seq);

ALTER TABLE ONLY engine.parked_streams
    ADD CONSTRAINT parked_streams_id_key UNIQUE (id);

ALTER TABLE ONLY engine.parked_streams
    ADD CONSTRAINT parked_streams_pkey PRIMARY KEY (topic, partition, stream);

ALTER TABLE ONLY engine.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY engine.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (project, run_id);

ALTER TABLE ONLY engine.workflow_versions
    ADD CONSTRAINT workflow_versions_pkey PRIMARY KEY (workflow_id, version);

ALTER TABLE ONLY engine.workflows
    ADD CONSTRAINT workflows_pkey PRIMARY KEY (workflow_id);

ALTER TABLE ONLY engine.workflows
    ADD CONSTRAINT workflows_project_handle_key UNIQUE (project, handle);

ALTER TABLE ONLY engine.workflows
    ADD CONSTRAINT workflows_project_name_key UNIQUE (project, name);

CREATE INDEX parked_streams_wanted ON engine.parked_streams USING btree (topic, partition) WHERE (wanted IS NOT NULL);

CREATE UNIQUE INDEX runs_external_id ON engine.runs USING btree (project, external_id) WHERE (external_id IS NOT NULL);

CREATE INDEX runs_of_definition ON engine.runs USING btree (definition_id, run_id) WHERE (definition_id IS NOT NULL);

CREATE INDEX workflows_newest_first ON engine.workflows USING btree (project, workflow_id DESC);
