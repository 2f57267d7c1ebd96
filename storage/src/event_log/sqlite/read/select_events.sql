SELECT e.position, e.epoch, e.recorded_at, s.name, s.partition_key, e.version, e.event_id,
    e.event_type, e.schema_version, e.occurred_at, e.actor, e.on_behalf_of, e.origin,
    e.command_id, e.correlation_id, e.causation_id, e.trace_context, e.content_hash, e.payload
FROM events AS e
CROSS JOIN streams AS s ON s.id = e.stream
{clauses}
