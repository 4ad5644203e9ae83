-- What is looked for every few seconds is found without reading what is not over: keys that a deleted project left, and
-- signing secrets whose grace period has ended.

CREATE INDEX api_keys_not_revoked ON api_keys (project) WHERE revoked_at IS NULL;
CREATE INDEX action_secrets_in_grace ON action_secrets (expires_at) WHERE expires_at IS NOT NULL;

COMMENT ON TABLE journal IS
    'Every event of this service, as the bytes that go on the topic. Append only, but for states with sealed texts: of these only the last of each stream stays.';
