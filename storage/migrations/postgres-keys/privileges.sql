-- Who may do what with the keys. Run by each migration, so that it may be run again.
--
-- jangteo_keys reads, and changes them by three functions alone. The roles of the event log have
-- nothing here, and nobody else may even connect.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jangteo_keys') THEN
        CREATE ROLE jangteo_keys NOLOGIN;
    END IF;
EXCEPTION
    -- Roles are the cluster's: another database may be making it now.
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT jangteo_keys TO CURRENT_USER;
    END IF;
EXCEPTION
    -- Then whoever made the role says who is in it.
    WHEN insufficient_privilege THEN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO jangteo_keys', current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO jangteo_keys;

GRANT SELECT ON master, key_chains, data_keys, schema_migrations TO jangteo_keys;
REVOKE ALL ON FUNCTION claim_master, add_key, destroy_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_master, add_key, destroy_keys TO jangteo_keys;
