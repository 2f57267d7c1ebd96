UPDATE head SET position = ?1, recorded_at = ?2
