-- The event log. Instants are microseconds since 1970, UTC.

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL CHECK (epoch > 0),
    position INTEGER NOT NULL CHECK (position >= 0),
    recorded_at INTEGER NOT NULL
) STRICT;
INSERT INTO head (one, epoch, position, recorded_at) VALUES (1, 1, 0, -62135596800000000);

CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL CHECK (version > 0),
    partition_key TEXT NOT NULL
) STRICT;

-- The idempotency rows.
CREATE TABLE commands (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer BLOB NOT NULL,
    position INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    position INTEGER PRIMARY KEY CHECK (position > 0),
    epoch INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    event_id BLOB NOT NULL,
    event_type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    on_behalf_of BLOB,
    origin TEXT NOT NULL,
    command_id BLOB NOT NULL,
    correlation_id BLOB NOT NULL,
    causation_id TEXT,
    trace_context TEXT,
    content_hash BLOB NOT NULL,
    payload BLOB NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE INDEX events_correlation ON events (correlation_id, position);
CREATE INDEX events_type ON events (event_type, position);

-- What is written stays: nobody edits history by accident.
CREATE TRIGGER events_are_not_updated BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never updated'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

-- History as an analyst reads it.
CREATE VIEW event_history AS
SELECT e.position, e.epoch, s.name AS stream, e.version, hex(e.event_id) AS event_id, e.event_type,
       e.schema_version, e.occurred_at, e.recorded_at, e.actor, hex(e.on_behalf_of) AS on_behalf_of,
       e.origin, hex(e.command_id) AS command_id, hex(e.correlation_id) AS correlation_id,
       e.causation_id, e.trace_context, s.partition_key,
       CAST(e.payload AS TEXT) AS payload, hex(e.content_hash) AS content_hash
FROM events AS e
JOIN streams AS s ON s.id = e.stream;
