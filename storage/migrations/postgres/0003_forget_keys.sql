-- A person's key lives 30 days, a process's for ever.
CREATE INDEX commands_of_persons ON commands (recorded_at) WHERE starts_with(principal, 'per_');

-- The one way to delete idempotency rows: the oldest whose time is over, at most so many. Says how
-- many they were.
CREATE FUNCTION forget_keys(most integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM commands
    WHERE ctid = ANY (ARRAY(
        SELECT ctid
        FROM commands
        WHERE starts_with(principal, 'per_') AND recorded_at < now() - interval '30 days'
        ORDER BY recorded_at
        LIMIT most
        FOR UPDATE SKIP LOCKED
    ));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

REVOKE ALL ON FUNCTION forget_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_keys TO jangteo_app;
