-- Who may do what with the event log. Run by each migration, so that it may be run again.
--
-- jangteo_app writes by append() and forget_keys(), and reads; jangteo_reader reads; jangteo_leases
-- holds leases. None changes, deletes or truncates a row of the history. Whoever logs in is made a
-- member of one or two of them.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jangteo_reader') THEN
        CREATE ROLE jangteo_reader NOLOGIN;
    END IF;
EXCEPTION
    -- Roles are the cluster's: another database may be making it now.
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jangteo_leases') THEN
        CREATE ROLE jangteo_leases NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT jangteo_app, jangteo_reader, jangteo_leases TO CURRENT_USER;
    END IF;
EXCEPTION
    -- Then whoever made the roles says who is in them.
    WHEN insufficient_privilege THEN NULL;
END $$;

-- As it is from PostgreSQL 15 on. Nobody may put a name before ours.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO jangteo_app, jangteo_reader, jangteo_leases;

GRANT SELECT ON head, streams, events, event_history, schema_migrations
    TO jangteo_app, jangteo_reader;
GRANT SELECT ON commands TO jangteo_app;

REVOKE ALL ON FUNCTION append, settle, position_at, forget_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settle, position_at TO jangteo_app, jangteo_reader;
GRANT EXECUTE ON FUNCTION append, forget_keys TO jangteo_app;

REVOKE ALL ON FUNCTION hold_leases, release_leases, note_progress, lease_holders FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_leases, release_leases, note_progress, lease_holders
    TO jangteo_leases;
