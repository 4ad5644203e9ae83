-- Projects, keys and actions as they are now. What happened to them stands in the journal.

CREATE TABLE projects (
    project_id text COLLATE "C" PRIMARY KEY,
    handle     text COLLATE "C" NOT NULL UNIQUE,
    name       text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE projects IS 'The rooms that actions, workflows, runs and keys live in.';

CREATE TABLE api_keys (
    key_id       text COLLATE "C" PRIMARY KEY,
    token_sha256 text COLLATE "C" NOT NULL UNIQUE,
    name         text NOT NULL,
    role         text NOT NULL CHECK (role IN ('admin', 'author', 'worker', 'viewer')),
    project      text COLLATE "C",
    created_at   timestamptz NOT NULL
);
COMMENT ON TABLE api_keys IS 'Who may come in. Only the hash of a key is kept; without a project it opens all of them.';

CREATE TABLE actions (
    action_id      text COLLATE "C" PRIMARY KEY,
    project        text COLLATE "C" NOT NULL,
    name           text COLLATE "C" NOT NULL,
    title          text,
    description    text,
    endpoint_url   text NOT NULL,
    input_schema   json,
    output_schema  json,
    annotations    json,
    secret_version integer NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    UNIQUE (project, name)
);
COMMENT ON TABLE actions IS 'The actions of projects. Ids grow with time, so newest first is by id, descending.';
CREATE INDEX actions_newest_first ON actions (project, action_id DESC);
