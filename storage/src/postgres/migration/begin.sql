-- One migration at a time: the lock lasts as long as the transaction.
SELECT pg_advisory_xact_lock(7110453001);
CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
