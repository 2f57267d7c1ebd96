WHERE e.stream = (SELECT id FROM streams WHERE name = ?1) AND e.version > ?2
ORDER BY e.version
LIMIT ?3
