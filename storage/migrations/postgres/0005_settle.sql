-- After this call no event will be recorded at `at` or before. It waits for an instant that is not
-- over yet, and is false for one that is more than a second ahead of the server's clock: so it never
-- moves the log's time beyond that clock, and those who only read may call it.
CREATE OR REPLACE FUNCTION settle(at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF (SELECT recorded_at > at FROM head) THEN RETURN true; END IF;
    IF at > clock_timestamp() + interval '1 second' THEN RETURN false; END IF;
    WHILE clock_timestamp() <= at LOOP
        PERFORM pg_sleep_until(at + interval '1 millisecond');
    END LOOP;
    UPDATE head SET recorded_at = greatest(recorded_at, at + interval '1 microsecond');
    RETURN true;
END $$;
