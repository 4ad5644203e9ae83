-- What a consumer cannot go on with alone: streams that wait for a person or for a record that is missing, and the
-- records that wait with them.

CREATE TABLE parked_streams (
    topic          text COLLATE "C" NOT NULL,
    partition      integer NOT NULL,
    stream         text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL UNIQUE,
    reason         text NOT NULL CHECK (reason IN ('handler_failed', 'sequence_gap')),
    error          text NOT NULL,
    parked_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_sequence  bigint NOT NULL,
    version        bigint NOT NULL DEFAULT 1,
    wanted         text CHECK (wanted IN ('go_on', 'resume')),
    discard_offset bigint,
    asked_by       text,
    PRIMARY KEY (topic, partition, stream)
);
CREATE INDEX parked_streams_wanted ON parked_streams (topic, partition) WHERE wanted IS NOT NULL;
COMMENT ON TABLE parked_streams IS 'Streams whose records are kept instead of handled, until somebody or a record that was missing lets them go on.';

CREATE TABLE kept_records (
    topic         text COLLATE "C" NOT NULL,
    partition     integer NOT NULL,
    stream        text COLLATE "C" NOT NULL,
    sequence      bigint NOT NULL,
    record_offset bigint NOT NULL,
    timestamp_ms  bigint NOT NULL,
    key           bytea,
    value         bytea NOT NULL,
    headers       bytea NOT NULL,
    dead_lettered boolean NOT NULL,
    PRIMARY KEY (topic, partition, stream, sequence, record_offset)
);
COMMENT ON TABLE kept_records IS 'The records of parked streams, byte for byte.';
