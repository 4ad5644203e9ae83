-- Sealed signing secrets in a table of their own, so that rotating, deleting and sealing them again has one place to work
-- on. What the last state of each action carries is taken over. A version of before would register actions without a row
-- here: it must not run beside this one.

CREATE TABLE action_secrets (
    action_id     text COLLATE "C" NOT NULL REFERENCES actions ON DELETE CASCADE,
    version       integer NOT NULL CHECK (version > 0),
    sealed        text NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    grace_seconds integer CHECK (grace_seconds >= 0),
    PRIMARY KEY (action_id, version),
    CHECK (expires_at IS NULL OR grace_seconds IS NULL)
);
COMMENT ON TABLE action_secrets IS 'Signing secrets under the master key: with grace_seconds one that waits for its proof, with expires_at one that another replaced, with neither the active one.';
CREATE INDEX action_secrets_pending ON action_secrets (action_id) WHERE grace_seconds IS NOT NULL;

INSERT INTO action_secrets (action_id, version, sealed, created_at, expires_at)
SELECT a.action_id, (secret ->> 'version')::integer, secret ->> 'sealed', a.created_at,
       (secret ->> 'expires_at')::timestamptz
FROM actions a
CROSS JOIN LATERAL (
    SELECT convert_from(event, 'UTF8')::json -> 'data' AS data
    FROM journal
    WHERE stream = 'action-state/' || a.project || '/' || a.name
    ORDER BY seq DESC
    LIMIT 1
) latest
CROSS JOIN LATERAL json_array_elements(latest.data -> 'secrets') AS secret;
