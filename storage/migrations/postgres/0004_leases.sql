-- Who does what only one may do at a time. The server's clock decides when a lease is over.
CREATE TABLE leases (
    name text COLLATE "C" PRIMARY KEY,
    holder text NOT NULL,
    -- Rises whenever the lease passes to another holder, or was over.
    token bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    -- How far the work is that the lease is about.
    position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Takes what is free and keeps what the holder has. Names come sorted, so that no two calls wait for
-- each other in a circle.
CREATE FUNCTION hold_leases(by_holder text, names text[], life interval)
RETURNS TABLE (name text, token bigint, "position" bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    INSERT INTO leases AS l (name, holder, token, expires_at)
    SELECT n, by_holder, 1, clock_timestamp() + life FROM unnest(names) AS n ORDER BY n
    ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder,
        token = l.token + CASE
            WHEN l.holder = excluded.holder AND l.expires_at > clock_timestamp() THEN 0 ELSE 1
        END,
        expires_at = excluded.expires_at
    WHERE l.holder = excluded.holder OR l.expires_at <= clock_timestamp()
    RETURNING l.name, l.token, l.position;
$$;

CREATE FUNCTION release_leases(by_holder text, names text[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    UPDATE leases SET expires_at = '-infinity'
    WHERE name = ANY (names) AND holder = by_holder;
$$;

-- False where the lease has passed on: whoever comes too late changes nothing.
CREATE FUNCTION note_progress(of_lease text, with_token bigint, reached bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    UPDATE leases SET position = reached WHERE name = of_lease AND token = with_token;
    RETURN FOUND;
END $$;

CREATE FUNCTION lease_holders(prefix text) RETURNS TABLE (name text, holder text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT l.name, l.holder FROM leases AS l
    WHERE starts_with(l.name, prefix) AND l.expires_at > clock_timestamp()
    ORDER BY l.name;
$$;
