WHERE e.position > ? AND e.position <= ?{filters}
ORDER BY e.position
LIMIT ?
