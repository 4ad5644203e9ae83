CREATE SCHEMA catalog;

CREATE FUNCTION catalog.expect_rows(what text, expected bigint, actual bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF expected <> actual THEN
        RAISE EXCEPTION USING ERRCODE = 'MB001',
            MESSAGE = format('expected %s to touch %s rows, but it touched %s', what, expected, actual);
    END IF;
    RETURN actual;
END $$;

CREATE TABLE catalog.action_secrets (
    action_id text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    sealed text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    grace_seconds integer,
    CONSTRAINT action_secrets_check CHECK (((expires_at IS NULL) OR (grace_seconds IS NULL))),
    CONSTRAINT action_secrets_grace_seconds_check CHECK ((grace_seconds >= 0)),
    CONSTRAINT action_secrets_version_check CHECK ((version > 0))
);

COMMENT ON TABLE catalog.action_secrets IS 'Signing secrets under the master key: with grace_seconds one that waits for its proof, with expires_at one that another replaced, with neither the active one.';

CREATE TABLE catalog.actions (
    action_id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    title text,
    description text,
    endpoint_url text NOT NULL,
    input_schema json,
    output_schema json,
    annotations json,
    secret_version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL
);

COMMENT ON TABLE catalog.actions IS 'The actions of projects. Ids grow with time, so newest first is by id, descending.';

COMMENT ON COLUMN catalog.actions.version IS 'The sequence of the last event in the action''s stream.';

CREATE TABLE catalog.api_keys (
    key_id text NOT NULL COLLATE pg_catalog."C",
    token_sha256 text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    role text NOT NULL,
    project text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    created_by text,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'author'::text, 'worker'::text, 'viewer'::text])))
);

COMMENT ON TABLE catalog.api_keys IS 'Who may come in. Only the hash of a key is kept; without a project it opens all of them.';

CREATE TABLE catalog.idempotency_keys (
    project text NOT NULL COLLATE pg_catalog."C",
    caller text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    request text NOT NULL COLLATE pg_catalog."C",
    answer text NOT NULL COLLATE pg_catalog."C",
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE catalog.idempotency_keys IS 'What requests with an Idempotency-Key were answered, sealed, because secrets are answered once; swept when expired.';

CREATE TABLE catalog.integration_connections (
    project text NOT NULL COLLATE pg_catalog."C",
    integration text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    fields text[] NOT NULL,
    sealed text NOT NULL,
    connected_at timestamp with time zone NOT NULL,
    connected_by text
);

COMMENT ON TABLE catalog.integration_connections IS 'Credentials under the master key, bound to project and integration.';

CREATE TABLE catalog.journal (
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    event bytea NOT NULL,
    CONSTRAINT journal_seq_check CHECK ((seq > 0))
);

COMMENT ON TABLE catalog.journal IS 'Every event of this service, as the bytes that go on the topic. Append only, but for states with sealed texts: of these only the last of each stream stays.';

CREATE TABLE catalog.kept_records (
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

COMMENT ON TABLE catalog.kept_records IS 'The records of parked streams, byte for byte.';

CREATE TABLE catalog.migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE catalog.outbox (
    shard smallint NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    place bigint NOT NULL,
    streams text[] COLLATE pg_catalog."C",
    seqs bigint[]
)
WITH (autovacuum_vacuum_scale_factor='0.0', autovacuum_vacuum_threshold='5000');

COMMENT ON TABLE catalog.outbox IS 'Which journal rows are not on the topic yet: those that one statement appended for a shard, in order. Deleted after the broker acknowledged them.';

ALTER TABLE catalog.outbox ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME catalog.outbox_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE catalog.parked_streams (
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

COMMENT ON TABLE catalog.parked_streams IS 'Streams whose records are kept instead of handled, until somebody or a record that was missing lets them go on.';

CREATE TABLE catalog.positions (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE catalog.positions IS 'The next offset to consume, moved in the transaction that holds the effects.';

CREATE TABLE catalog.projects (
    project_id text NOT NULL COLLATE pg_catalog."C",
    handle text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    description text,
    access_mode text DEFAULT 'org_open'::text NOT NULL,
    tags jsonb DEFAULT '{}'::jsonb NOT NULL,
    config json DEFAULT '[]'::json NOT NULL,
    members json DEFAULT '[]'::json NOT NULL,
    created_by text,
    archived_at timestamp with time zone,
    deleted_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT projects_access_mode_check CHECK ((access_mode = ANY (ARRAY['org_open'::text, 'restricted'::text])))
);

COMMENT ON TABLE catalog.projects IS 'The rooms that actions, workflows, runs and keys live in.';

COMMENT ON COLUMN catalog.projects.deleted_at IS 'A deleted project keeps its row, so that its handle is never given again.';

ALTER TABLE ONLY catalog.action_secrets
    ADD CONSTRAINT action_secrets_pkey PRIMARY KEY (action_id, version);

ALTER TABLE ONLY catalog.actions
    ADD CONSTRAINT actions_pkey PRIMARY KEY (action_id);

ALTER TABLE ONLY catalog.actions
    ADD CONSTRAINT actions_project_name_key UNIQUE (project, name);

ALTER TABLE ONLY catalog.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY catalog.api_keys
    ADD CONSTRAINT api_keys_token_sha256_key UNIQUE (token_sha256);

ALTER TABLE ONLY catalog.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (project, caller, key);

ALTER TABLE ONLY catalog.integration_connections
    ADD CONSTRAINT integration_connections_pkey PRIMARY KEY (project, integration);

ALTER TABLE ONLY catalog.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (stream, seq);

ALTER TABLE ONLY catalog.kept_records
    ADD CONSTRAINT kept_records_pkey PRIMARY KEY (topic, partition, stream, sequence, record_offset);

ALTER TABLE ONLY catalog.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY catalog.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (shard, stream, seq);

ALTER TABLE ONLY catalog.parked_streams
    ADD CONSTRAINT parked_streams_id_key UNIQUE (id);

ALTER TABLE ONLY catalog.parked_streams
    ADD CONSTRAINT parked_streams_pkey PRIMARY KEY (topic, partition, stream);

ALTER TABLE ONLY catalog.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY catalog.projects
    ADD CONSTRAINT projects_handle_key UNIQUE (handle);

ALTER TABLE ONLY catalog.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (project_id);

CREATE INDEX action_secrets_in_grace ON catalog.action_secrets USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX action_secrets_pending ON catalog.action_secrets USING btree (action_id) WHERE (grace_seconds IS NOT NULL);

CREATE INDEX actions_newest_first ON catalog.actions USING btree (project, action_id DESC);

CREATE INDEX api_keys_newest_first ON catalog.api_keys USING btree (created_at DESC, key_id DESC);

CREATE INDEX api_keys_not_revoked ON catalog.api_keys USING btree (project) WHERE (revoked_at IS NULL);

CREATE INDEX api_keys_of_projects ON catalog.api_keys USING btree (project, created_at DESC, key_id DESC);

CREATE INDEX idempotency_keys_expired ON catalog.idempotency_keys USING btree (expires_at);

CREATE INDEX parked_streams_wanted ON catalog.parked_streams USING btree (topic, partition) WHERE (wanted IS NOT NULL);

ALTER TABLE ONLY catalog.action_secrets
    ADD CONSTRAINT action_secrets_action_id_fkey FOREIGN KEY (action_id) REFERENCES catalog.actions(action_id) ON DELETE CASCADE;
