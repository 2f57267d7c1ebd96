UPDATE head SET recorded_at = max(recorded_at, ?1)
