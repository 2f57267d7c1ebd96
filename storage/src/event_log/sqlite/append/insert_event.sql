INSERT INTO events (position, epoch, recorded_at, stream, version, event_id, event_type,
    schema_version, occurred_at, actor, on_behalf_of, origin, command_id, correlation_id,
    causation_id, trace_context, content_hash, payload)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
