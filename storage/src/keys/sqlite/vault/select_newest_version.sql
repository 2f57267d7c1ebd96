SELECT coalesce(max(version), 0)
FROM data_key
WHERE person = ?1 AND class = ?2
