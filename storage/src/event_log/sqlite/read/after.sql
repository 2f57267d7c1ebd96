WHERE e.position > ?1
ORDER BY e.position
LIMIT ?2
