-- The projects' connections with integrations. A connection that is gone has no row; what happened is in the journal.

CREATE TABLE integration_connections (
    project      text COLLATE "C" NOT NULL,
    integration  text COLLATE "C" NOT NULL,
    version      integer NOT NULL,
    fields       text[] NOT NULL,
    sealed       text NOT NULL,
    connected_at timestamptz NOT NULL,
    connected_by text,
    PRIMARY KEY (project, integration)
);
COMMENT ON TABLE integration_connections IS 'Credentials under the master key, bound to project and integration.';
