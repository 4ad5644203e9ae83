-- Projects that are described, opened to some, archived and deleted; keys that end. `version` is the last event's
-- sequence: a change that was decided on an older row conflicts in the journal.

ALTER TABLE projects
    ADD COLUMN description text,
    ADD COLUMN access_mode text NOT NULL DEFAULT 'org_open' CHECK (access_mode IN ('org_open', 'restricted')),
    ADD COLUMN tags        jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN config      json NOT NULL DEFAULT '[]',
    ADD COLUMN members     json NOT NULL DEFAULT '[]',
    ADD COLUMN created_by  text,
    ADD COLUMN archived_at timestamptz,
    ADD COLUMN deleted_at  timestamptz,
    ADD COLUMN version     bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN projects.deleted_at IS 'A deleted project keeps its row, so that its handle is never given again.';

ALTER TABLE api_keys
    ADD COLUMN created_by text,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN revoked_at timestamptz;
CREATE INDEX api_keys_newest_first ON api_keys (created_at DESC, key_id DESC);
CREATE INDEX api_keys_of_projects ON api_keys (project, created_at DESC, key_id DESC);
