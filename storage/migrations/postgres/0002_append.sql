-- The one way to write events. A call takes a batch of units, each of which is done as a whole or
-- leaves no trace. Numbers in *_units and *_streams are places, from 1, in the lists of units and of
-- streams (the new ones, then the old ones); in last_events, in that of events: of a command's last
-- one, or of the last before it where it has none.
--
-- The caller sees to it that a stream stands once in a call, in the order of names (COLLATE "C"),
-- that a stream that is written belongs to one unit, and that a key stands once.
--
-- New streams first, then old ones, then the head: each in sorted order, so that calls wait for each
-- other but never in a circle. The head's lock serialises the keys. A key that was used before fails
-- the call as a whole with a unique_violation; called again with look_for_keys, it answers which.
CREATE FUNCTION append(
    look_for_keys boolean,
    new_names text[], new_keys text[], new_events integer[],
    old_names text[], old_versions bigint[], old_events integer[],
    condition_units integer[], condition_streams integer[],
    command_units integer[], principals text[], keys text[], fingerprints bytea[],
    answers bytea[], last_events integer[],
    event_units integer[], event_streams integer[], versions bigint[], event_ids uuid[],
    event_types text[], schema_versions integer[], occurred timestamptz[], actors text[],
    on_behalf uuid[], origins text[], command_ids uuid[], correlation_ids uuid[],
    causation_ids text[], trace_contexts text[], hashes bytea[], payloads bytea[],
    OUT repeated integer[], OUT conflicts integer[], OUT start_position bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
-- Every join here is a list of some hundreds of values against an index. A plan made while the
-- tables are empty must not say otherwise.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    ids bigint[];
    old_ids bigint[] := array_fill(0::bigint, ARRAY[cardinality(old_names)]);
    held_places bigint[];
    held_ids bigint[];
    made bigint;
    lost integer[];
    dead bigint[] := '{}';
    n bigint := cardinality(event_units);
    places bigint[];
    now_epoch integer;
    now_at timestamptz;
BEGIN
    -- From here on a stream whose condition does not hold has the id 0.
    SELECT coalesce(array_agg(nextval('streams_id_seq')), '{}') INTO ids
    FROM generate_series(1, cardinality(new_names));
    INSERT INTO streams (id, name, version, partition_key)
    SELECT ids[w.place], w.name, w.events, w.partition_key
    FROM unnest(new_names, new_events, new_keys)
        WITH ORDINALITY AS w (name, events, partition_key, place)
    ORDER BY w.place
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    IF made < cardinality(ids) THEN
        SELECT array_agg(coalesce(s.id, 0) ORDER BY w.place) INTO ids
        FROM unnest(ids) WITH ORDINALITY AS w (id, place)
        LEFT JOIN streams AS s ON s.id = w.id;
    END IF;

    SELECT array_agg(h.place), array_agg(h.id) INTO held_places, held_ids
    FROM (
        SELECT w.place, CASE WHEN s.version = w.version THEN s.id ELSE 0 END AS id
        FROM unnest(old_names, old_versions) WITH ORDINALITY AS w (name, version, place)
        JOIN streams AS s ON s.name = w.name
        ORDER BY w.place
        FOR NO KEY UPDATE OF s
    ) AS h;
    FOR i IN 1 .. coalesce(cardinality(held_places), 0) LOOP
        old_ids[held_places[i]] := held_ids[i];
    END LOOP;
    ids := ids || old_ids;

    conflicts := '{}';
    IF 0 = ANY (ids) THEN
        SELECT array_agg(DISTINCT c.unit) INTO conflicts
        FROM unnest(condition_units, condition_streams) AS c (unit, stream)
        WHERE ids[c.stream] = 0;
    END IF;
    -- Of a repeated command it is told that it is one, not that its stream has moved on since.
    repeated := '{}';
    IF look_for_keys OR cardinality(conflicts) > 0 THEN
        SELECT coalesce(array_agg(DISTINCT c.unit), '{}') INTO repeated
        FROM unnest(command_units, principals, keys) AS c (unit, principal, key)
        JOIN commands AS k ON k.principal = c.principal AND k.key = c.key;
    END IF;
    lost := repeated || conflicts;

    IF cardinality(lost) > 0 THEN
        SELECT array_agg(ids[c.stream]) INTO dead
        FROM unnest(condition_units, condition_streams) AS c (unit, stream)
        WHERE c.unit = ANY (lost);
    END IF;
    -- A stream that was only read as empty was locked by its row, which nobody needs now.
    IF cardinality(lost) > 0 OR 0 = ANY (new_events) THEN
        DELETE FROM streams AS s
        WHERE s.id = ANY (ids[1 : cardinality(new_names)])
            AND (s.version = 0 OR s.id = ANY (dead));
    END IF;

    UPDATE streams AS s SET version = s.version + w.events
    FROM unnest(old_events) WITH ORDINALITY AS w (events, place)
    WHERE w.events > 0 AND s.id = ids[cardinality(new_names) + w.place] AND s.id <> ALL (dead);

    IF cardinality(lost) > 0 THEN
        IF (SELECT count(*) = 0 FROM unnest(command_units) AS c (unit) WHERE c.unit <> ALL (lost))
        THEN
            RETURN;
        END IF;
        -- What is left moves up.
        SELECT array_agg(e.kept ORDER BY e.place), max(e.kept) INTO places, n
        FROM (
            SELECT e.place, count(*) FILTER (WHERE e.unit <> ALL (lost)) OVER (ORDER BY e.place)
            FROM unnest(event_units) WITH ORDINALITY AS e (unit, place)
        ) AS e (place, kept);
        n := coalesce(n, 0);
    END IF;

    UPDATE head SET position = head.position + n,
        recorded_at = greatest(head.recorded_at, clock_timestamp())
    RETURNING head.position - n, head.epoch, head.recorded_at
    INTO STRICT start_position, now_epoch, now_at;

    -- A command's position is its last event's; the head's, where it has none.
    INSERT INTO commands (principal, key, fingerprint, answer, position, recorded_at)
    SELECT c.principal, c.key, c.fingerprint, c.answer,
        start_position + coalesce(places[c.last_event], c.last_event), now_at
    FROM unnest(command_units, principals, keys, fingerprints, answers, last_events)
        AS c (unit, principal, key, fingerprint, answer, last_event)
    WHERE c.unit <> ALL (lost);

    INSERT INTO events (position, stream, version, occurred_at, recorded_at, epoch,
        schema_version, event_id, command_id, correlation_id, on_behalf_of, event_type, actor,
        origin, causation_id, trace_context, content_hash, payload)
    SELECT start_position + coalesce(places[e.place], e.place), ids[e.stream], e.version,
        e.occurred_at, now_at, now_epoch, e.schema_version, e.event_id, e.command_id,
        e.correlation_id, e.on_behalf_of, e.event_type, e.actor, e.origin, e.causation_id,
        e.trace_context, e.content_hash, e.payload
    FROM unnest(event_units, event_streams, versions, event_ids, event_types, schema_versions,
        occurred, actors, on_behalf, origins, command_ids, correlation_ids, causation_ids,
        trace_contexts, hashes, payloads)
        WITH ORDINALITY AS e (unit, stream, version, event_id, event_type, schema_version,
        occurred_at, actor, on_behalf_of, origin, command_id, correlation_id, causation_id,
        trace_context, content_hash, payload, place)
    WHERE e.unit <> ALL (lost);
END $$;

-- The last position with recorded_at ≤ `at`: positions are dense and recorded_at never falls with
-- them, so that halving finds it without an index.
CREATE FUNCTION position_at(at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
DECLARE
    low bigint := 0;
    high bigint;
    middle bigint;
    middle_at timestamptz;
BEGIN
    SELECT position INTO STRICT high FROM head;
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        SELECT recorded_at INTO STRICT middle_at FROM events WHERE position = middle;
        IF middle_at <= at THEN low := middle; ELSE high := middle - 1; END IF;
    END LOOP;
    RETURN low;
END $$;

-- After this call no event will be recorded at `at` or before. False for an instant that is more
-- than a second ahead of the server's clock.
CREATE FUNCTION settle(at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF (SELECT recorded_at > at FROM head) THEN RETURN true; END IF;
    IF at > clock_timestamp() + interval '1 second' THEN RETURN false; END IF;
    UPDATE head SET recorded_at = greatest(recorded_at, at + interval '1 microsecond');
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION append, settle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append, settle, position_at TO jangteo_app;
