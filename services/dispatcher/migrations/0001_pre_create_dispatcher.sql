-- Jobs wait in `ready`, are held in `leased` and leave both when they are finished: the tables stay small.

CREATE TABLE ready (
    job_id     text COLLATE "C" PRIMARY KEY,
    position   bigint GENERATED ALWAYS AS IDENTITY,
    project    text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('worker', 'server')),
    action     text COLLATE "C" NOT NULL,
    queue      text COLLATE "C" NOT NULL,
    run_id     text COLLATE "C" NOT NULL,
    attempt    integer NOT NULL,
    expiries   integer NOT NULL DEFAULT 0,
    sequence   bigint NOT NULL DEFAULT 0,
    body       bytea NOT NULL,
    parameters bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE ready IS 'Invocations that wait for an executor, first in first out per project and action.';
CREATE INDEX ready_in_order ON ready (project, kind, action, position);
CREATE INDEX ready_of_run ON ready (run_id);

CREATE TABLE leased (
    job_id           text COLLATE "C" PRIMARY KEY,
    project          text COLLATE "C" NOT NULL,
    kind             text COLLATE "C" NOT NULL,
    action           text COLLATE "C" NOT NULL,
    queue            text COLLATE "C" NOT NULL,
    run_id           text COLLATE "C" NOT NULL,
    attempt          integer NOT NULL,
    expiries         integer NOT NULL,
    sequence         bigint NOT NULL,
    body             bytea NOT NULL,
    parameters       bytea NOT NULL,
    token            text NOT NULL,
    claimed_by       text NOT NULL,
    claimed_at       timestamptz NOT NULL,
    heartbeat_at     timestamptz,
    lease_until      timestamptz NOT NULL,
    cancel_requested boolean NOT NULL DEFAULT false,
    announced        boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE leased IS 'Invocations in somebody''s hands. The fence is (token, attempt), the clock is the database''s.';

CREATE INDEX journal_by_key ON journal (key);

CREATE TABLE worker_sessions (
    project            text COLLATE "C" NOT NULL,
    worker_instance_id text NOT NULL,
    session_id         text NOT NULL,
    token_sha256       text NOT NULL,
    concurrency_limit  integer NOT NULL,
    name               text,
    version            text,
    queues             text[] NOT NULL,
    actions            text[] NOT NULL,
    api_key_id         text NOT NULL,
    last_seen_at       timestamptz NOT NULL,
    PRIMARY KEY (project, worker_instance_id)
);
COMMENT ON TABLE worker_sessions IS 'Who polls for jobs, and which actions they list: the courier leaves those alone.';
