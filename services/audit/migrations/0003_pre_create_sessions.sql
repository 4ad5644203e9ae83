-- Who is signed in on the dashboard. Not a projection.

CREATE TABLE sessions (
    token_sha256 bytea PRIMARY KEY,
    sealed_key   text NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
COMMENT ON TABLE sessions IS 'Browsers that are signed in. The API key is sealed under a key that only the cookie gives.';
CREATE INDEX sessions_over ON sessions (expires_at);
