-- What runs are, and what became of their steps; workflows as they were saved; how actions fare by the hour. Projections
-- like the log, to be dropped and rebuilt from the topics at will.

CREATE TABLE workflows (
    id                text COLLATE "C" PRIMARY KEY,
    project           text COLLATE "C" NOT NULL,
    handle            text COLLATE "C" NOT NULL,
    name              text NOT NULL,
    description       text,
    tags              bytea NOT NULL,
    published_as_tool boolean NOT NULL,
    latest_version    integer NOT NULL,
    actions           text[] COLLATE "C" NOT NULL,
    created_at        timestamptz NOT NULL,
    created_by        text NOT NULL,
    updated_at        timestamptz NOT NULL,
    updated_by        text NOT NULL,
    sequence          bigint NOT NULL
);
COMMENT ON TABLE workflows IS 'Workflow definitions as they are called now. `actions`: what the steps of the latest version name. `sequence`: the last event that is in it.';
CREATE INDEX workflows_by_handle ON workflows (project, handle);
CREATE INDEX workflows_by_action ON workflows USING gin (actions);

CREATE TABLE workflow_versions (
    workflow_id text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    spec        bytea NOT NULL,
    created_at  timestamptz,
    created_by  text,
    PRIMARY KEY (workflow_id, version)
);
COMMENT ON TABLE workflow_versions IS 'What a version says, from its own event or, when that is not on the topic any more, from a run of it: then nobody knows when and by whom it was saved.';

CREATE TABLE runs (
    id                 text COLLATE "C" PRIMARY KEY,
    project            text COLLATE "C" NOT NULL,
    workflow_name      text COLLATE "C" NOT NULL,
    definition_id      text COLLATE "C",
    definition_version integer,
    spec               bytea,
    inputs             bytea NOT NULL,
    tags               bytea NOT NULL,
    metadata           bytea NOT NULL,
    external_id        text,
    started_by         text,
    started_at         timestamptz NOT NULL,
    status             text COLLATE "C" NOT NULL,
    finished_at        timestamptz,
    outputs            bytea,
    error_type         text,
    error_message      text,
    errors             bytea
);
COMMENT ON TABLE runs IS 'One row per run, written when it starts and when it ends. `spec`: of inline runs; others have a version.';
CREATE INDEX runs_latest ON runs (project, started_at DESC, id DESC);
CREATE INDEX runs_of_status ON runs (project, status, started_at DESC, id DESC);
CREATE INDEX runs_of_workflow ON runs (project, workflow_name, started_at DESC, id DESC);

CREATE TABLE run_events (
    run_id   text COLLATE "C" NOT NULL,
    at       timestamptz NOT NULL,
    sequence bigint NOT NULL,
    id       text COLLATE "C" NOT NULL,
    type     text NOT NULL,
    path     text,
    step     text,
    data     bytea NOT NULL,
    PRIMARY KEY (run_id, at, sequence, id)
);
COMMENT ON TABLE run_events IS 'The history of runs: what the engine said, and of the dispatcher what the engine does not say. `data`: the whole record.';

CREATE TABLE run_attempts (
    run_id        text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    path          text COLLATE "C" NOT NULL,
    step          text COLLATE "C" NOT NULL,
    attempt       integer NOT NULL,
    kind          text,
    action        text,
    scheduled_at  timestamptz NOT NULL,
    claimed_at    timestamptz,
    claimed_by    text,
    lost_claim_at timestamptz,
    outcome       text,
    finished_at   timestamptz,
    error_type    text,
    error_message text,
    status        text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        CASE WHEN outcome IS NOT NULL THEN outcome
             WHEN claimed_at IS NULL OR lost_claim_at >= claimed_at THEN 'scheduled'
             ELSE 'running' END
    ) STORED,
    PRIMARY KEY (run_id, id)
)
WITH (fillfactor = 70);
COMMENT ON TABLE run_attempts IS 'One row per attempt of a step. `lost_claim_at`: when the last holder that fell silent had taken it.';

-- Duration classes are quarters of an octave: services/audit/domain/durations.py.
CREATE FUNCTION duration_class(started_at timestamptz, finished_at timestamptz) RETURNS smallint
    LANGUAGE sql STABLE
    RETURN floor(4 * ln(greatest(1000 * date_part('epoch', finished_at - started_at), 1)) / ln(2::double precision))::smallint;

CREATE TABLE invocation_stats (
    project        text COLLATE "C" NOT NULL,
    action_name    text COLLATE "C" NOT NULL,
    hour           timestamptz NOT NULL,
    duration_class smallint NOT NULL,
    succeeded      bigint NOT NULL,
    failed         bigint NOT NULL,
    PRIMARY KEY (project, action_name, hour, duration_class)
)
WITH (fillfactor = 70);
COMMENT ON TABLE invocation_stats IS 'How many rows the log has, by the hour in which they finished and by how long they took.';

-- An older version that still runs adds rows to the log that are not counted, until the projections are rebuilt.
INSERT INTO invocation_stats (project, action_name, hour, duration_class, succeeded, failed)
SELECT project, action_name, date_trunc('hour', finished_at, 'UTC'), duration_class(started_at, finished_at),
       count(*) FILTER (WHERE status = 'success'), count(*) FILTER (WHERE status <> 'success')
FROM invocations
GROUP BY 1, 2, 3, 4;

-- Failures are rare: without indexes of their own, the latest of them lie behind millions of other rows.
CREATE INDEX invocations_failed ON invocations (project, finished_at DESC, id DESC) WHERE status = 'failed';
CREATE INDEX invocations_failed_of_action ON invocations (project, action_name, finished_at DESC, id DESC)
    WHERE status = 'failed';

-- In the order in which a page is shown; an index without it loses to the walk through all of a project's rows.
DROP INDEX invocations_of_run;
CREATE INDEX invocations_of_run ON invocations (run_id, finished_at DESC, id DESC);
