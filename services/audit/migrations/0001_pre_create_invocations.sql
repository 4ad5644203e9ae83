-- The action audit log: a projection, to be dropped and rebuilt from the topics at will.

CREATE TABLE invocations (
    id             text COLLATE "C" PRIMARY KEY,
    project        text COLLATE "C" NOT NULL,
    run_id         text COLLATE "C" NOT NULL,
    step_name      text NOT NULL,
    action_name    text COLLATE "C" NOT NULL,
    kind           text NOT NULL,
    executed_by    text NOT NULL,
    status         text COLLATE "C" NOT NULL,
    attempt        integer NOT NULL,
    retry_count    integer NOT NULL,
    parameters     bytea NOT NULL,
    output_summary bytea,
    error_type     text,
    error_message  text,
    started_at     timestamptz NOT NULL,
    finished_at    timestamptz NOT NULL
);
COMMENT ON TABLE invocations IS 'One row per finished invocation of an action.';
CREATE INDEX invocations_latest ON invocations (project, finished_at DESC, id DESC);
CREATE INDEX invocations_of_run ON invocations (run_id);
CREATE INDEX invocations_of_action ON invocations (project, action_name, finished_at DESC, id DESC);
