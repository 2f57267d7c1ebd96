-- Data keys, wrapped under a master key that this database never sees. They lie in a database of
-- their own, into which nobody else may connect.

-- Proves whether a master key is the one that all the keys here are wrapped under.
CREATE TABLE master (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    proof bytea NOT NULL
);

-- The keys of one person and retention class. Its row is locked by whatever changes them.
CREATE TABLE key_chains (
    person uuid NOT NULL,
    class text COLLATE "C" NOT NULL,
    newest integer NOT NULL DEFAULT 0 CHECK (newest >= 0),
    erased_at timestamptz,
    PRIMARY KEY (person, class)
);

-- What is deleted here is to leave the pages soon, so that any dead row calls for a vacuum.
CREATE TABLE data_keys (
    person uuid NOT NULL,
    class text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    wrapped bytea NOT NULL,
    PRIMARY KEY (person, class, version),
    FOREIGN KEY (person, class) REFERENCES key_chains (person, class)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

-- The proof that stands: the offered one, where none does.
CREATE FUNCTION claim_master(offered bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO master (proof) VALUES (offered) ON CONFLICT DO NOTHING;
    RETURN (SELECT proof FROM master);
END $$;

-- Adds the version after the newest. False where somebody was faster, or the keys were destroyed.
CREATE FUNCTION add_key(of_person uuid, of_class text, next integer, new_key bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO key_chains (person, class) VALUES (of_person, of_class) ON CONFLICT DO NOTHING;
    UPDATE key_chains SET newest = next
    WHERE person = of_person AND class = of_class AND newest = next - 1 AND erased_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    INSERT INTO data_keys (person, class, version, wrapped)
    VALUES (of_person, of_class, next, new_key);
    RETURN true;
END $$;

-- Destroys all versions for ever.
CREATE FUNCTION destroy_keys(of_person uuid, of_class text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO key_chains AS c (person, class, erased_at) VALUES (of_person, of_class, now())
    ON CONFLICT (person, class) DO UPDATE SET erased_at = coalesce(c.erased_at, now());
    DELETE FROM data_keys WHERE person = of_person AND class = of_class;
END $$;
