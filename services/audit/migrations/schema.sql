CREATE SCHEMA audit;

CREATE FUNCTION audit.duration_class(started_at timestamp with time zone, finished_at timestamp with time zone) RETURNS smallint
    LANGUAGE sql STABLE
    RETURN (floor((((4)::double precision * ln(GREATEST(((1000)::double precision * date_part('epoch'::text, (finished_at - started_at))), (1)::double precision))) / ln((2)::double precision))))::smallint;

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

CREATE TABLE audit.invocation_stats (
    project text NOT NULL COLLATE pg_catalog."C",
    action_name text NOT NULL COLLATE pg_catalog."C",
    hour timestamp with time zone NOT NULL,
    duration_class smallint NOT NULL,
    succeeded bigint NOT NULL,
    failed bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE audit.invocation_stats IS 'How many rows the log has, by the hour in which they finished and by how long they took.';

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

CREATE TABLE audit.run_attempts (
    run_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    step text NOT NULL COLLATE pg_catalog."C",
    attempt integer NOT NULL,
    kind text,
    action text,
    scheduled_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone,
    claimed_by text,
    lost_claim_at timestamp with time zone,
    outcome text,
    finished_at timestamp with time zone,
    error_type text,
    error_message text,
    status text GENERATED ALWAYS AS (
CASE
    WHEN (outcome IS NOT NULL) THEN outcome
    WHEN ((claimed_at IS NULL) OR (lost_claim_at >= claimed_at)) THEN 'scheduled'::text
    ELSE 'running'::text
END) STORED NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='70');

COMMENT ON TABLE audit.run_attempts IS 'One row per attempt of a step. `lost_claim_at`: when the last holder that fell silent had taken it.';

CREATE TABLE audit.run_events (
    run_id text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL,
    path text,
    step text,
    data bytea NOT NULL
);

COMMENT ON TABLE audit.run_events IS 'The history of runs: what the engine said, and of the dispatcher what the engine does not say. `data`: the whole record.';

CREATE TABLE audit.runs (
    id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    workflow_name text NOT NULL COLLATE pg_catalog."C",
    definition_id text COLLATE pg_catalog."C",
    definition_version integer,
    spec bytea,
    inputs bytea NOT NULL,
    tags bytea NOT NULL,
    metadata bytea NOT NULL,
    external_id text,
    started_by text,
    started_at timestamp with time zone NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    finished_at timestamp with time zone,
    outputs bytea,
    error_type text,
    error_message text,
    errors bytea
);

COMMENT ON TABLE audit.runs IS 'One row per run, written when it starts and when it ends. `spec`: of inline runs; others have a version.';

CREATE TABLE audit.sessions (
    token_sha256 bytea NOT NULL,
    sealed_key text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE audit.sessions IS 'Browsers that are signed in. The API key is sealed under a key that only the cookie gives.';

CREATE TABLE audit.workflow_versions (
    workflow_id text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    spec bytea NOT NULL,
    created_at timestamp with time zone,
    created_by text
);

COMMENT ON TABLE audit.workflow_versions IS 'What a version says, from its own event or, when that is not on the topic any more, from a run of it: then nobody knows when and by whom it was saved.';

CREATE TABLE audit.workflows (
    id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    handle text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    description text,
    tags bytea NOT NULL,
    published_as_tool boolean NOT NULL,
    latest_version integer NOT NULL,
    actions text[] NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    updated_by text NOT NULL,
    sequence bigint NOT NULL
);

COMMENT ON TABLE audit.workflows IS 'Workflow definitions as they are called now. `actions`: what the steps of the latest version name. `sequence`: the last event that is in it.';

ALTER TABLE ONLY audit.invocation_stats
    ADD CONSTRAINT invocation_stats_pkey PRIMARY KEY (project, action_name, hour, duration_class);

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

ALTER TABLE ONLY audit.run_attempts
    ADD CONSTRAINT run_attempts_pkey PRIMARY KEY (run_id, id);

ALTER TABLE ONLY audit.run_events
    ADD CONSTRAINT run_events_pkey PRIMARY KEY (run_id, at, sequence, id);

ALTER TABLE ONLY audit.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_sha256);

ALTER TABLE ONLY audit.workflow_versions
    ADD CONSTRAINT workflow_versions_pkey PRIMARY KEY (workflow_id, version);

ALTER TABLE ONLY audit.workflows
    ADD CONSTRAINT workflows_pkey PRIMARY KEY (id);

CREATE INDEX invocations_failed ON audit.invocations USING btree (project, finished_at DESC, id DESC) WHERE (status = 'failed'::text);

CREATE INDEX invocations_failed_of_action ON audit.invocations USING btree (project, action_name, finished_at DESC, id DESC) WHERE (status = 'failed'::text);

CREATE INDEX invocations_latest ON audit.invocations USING btree (project, finished_at DESC, id DESC);

CREATE INDEX invocations_of_action ON audit.invocations USING btree (project, action_name, finished_at DESC, id DESC);

CREATE INDEX invocations_of_run ON audit.invocations USING btree (run_id, finished_at DESC, id DESC);

CREATE INDEX parked_streams_wanted ON audit.parked_streams USING btree (topic, partition) WHERE (wanted IS NOT NULL);

CREATE INDEX runs_latest ON audit.runs USING btree (project, started_at DESC, id DESC);

CREATE INDEX runs_of_status ON audit.runs USING btree (project, status, started_at DESC, id DESC);

CREATE INDEX runs_of_workflow ON audit.runs USING btree (project, workflow_name, started_at DESC, id DESC);

CREATE INDEX sessions_over ON audit.sessions USING btree (expires_at);

CREATE INDEX workflows_by_action ON audit.workflows USING gin (actions);

CREATE INDEX workflows_by_handle ON audit.workflows USING btree (project, handle);
