-- A page ends with the event that reaches the bound, $1. Sizes are known without reading payloads,
-- so that none beyond the page is read.
SELECT * FROM (
    SELECT e.position, e.epoch, e.recorded_at, s.name, s.partition_key, e.version, e.event_id,
        e.event_type, e.schema_version, e.occurred_at, e.actor, e.on_behalf_of, e.origin,
        e.command_id, e.correlation_id, e.causation_id, e.trace_context, e.content_hash, e.payload,
        sum(octet_length(e.payload)) OVER page - octet_length(e.payload) AS bytes_before
    FROM events AS e
    CROSS JOIN LATERAL (SELECT name, partition_key FROM streams WHERE id = e.stream OFFSET 0) AS s
    {clauses}
) AS page
WHERE bytes_before < $1
