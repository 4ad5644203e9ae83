-- Actions are changed and deleted, each change against the version that its caller knows; and what a POST was answered
-- is kept for a while, so that the same request can be repeated.

-- Until now an action had one event, its creation.
ALTER TABLE actions ADD COLUMN version bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN actions.version IS 'The sequence of the last event in the action''s stream.';

CREATE TABLE idempotency_keys (
    project    text COLLATE "C" NOT NULL,
    caller     text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    request    text COLLATE "C" NOT NULL,
    answer     text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (project, caller, key)
);
COMMENT ON TABLE idempotency_keys IS
    'What requests with an Idempotency-Key were answered, sealed, because secrets are answered once; swept when expired.';
CREATE INDEX idempotency_keys_expired ON idempotency_keys (expires_at);
