-- Workflow definitions with their versions, and one row per run. What happened to them stands in the journal; steps,
-- paths and counts of a run are folded from there.

CREATE TABLE workflows (
    workflow_id       text COLLATE "C" PRIMARY KEY,
    project           text COLLATE "C" NOT NULL,
    name              text NOT NULL,
    handle            text COLLATE "C" NOT NULL,
    description       text,
    published_as_tool boolean NOT NULL,
    tags              jsonb NOT NULL,
    latest_version    integer NOT NULL,
    spec              json NOT NULL,
    created_by        text NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    seq               bigint NOT NULL,
    UNIQUE (project, name),
    UNIQUE (project, handle)
);
COMMENT ON TABLE workflows IS 'Definitions as they are now, with the spec of the latest version. Ids grow with time.';
CREATE INDEX workflows_newest_first ON workflows (project, workflow_id DESC);

CREATE TABLE workflow_versions (
    workflow_id text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    spec        json NOT NULL,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (workflow_id, version)
);
COMMENT ON TABLE workflow_versions IS 'Every spec that a definition ever had. Append only.';

CREATE TABLE runs (
    project            text COLLATE "C" NOT NULL,
    run_id             text COLLATE "C" NOT NULL,
    workflow_name      text NOT NULL,
    definition_id      text COLLATE "C",
    definition_version integer,
    status             text NOT NULL,
    queue              text NOT NULL,
    source_type        text NOT NULL,
    source_id          text,
    external_id        text COLLATE "C",
    created_at         timestamptz NOT NULL,
    completed_at       timestamptz,
    PRIMARY KEY (project, run_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE runs IS 'One row per run, written at its start and at its end and never between. Ids grow with time.';
CREATE UNIQUE INDEX runs_external_id ON runs (project, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX runs_of_definition ON runs (definition_id, run_id) WHERE definition_id IS NOT NULL;
