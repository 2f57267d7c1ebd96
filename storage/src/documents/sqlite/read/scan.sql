SELECT id, position, body
FROM {documents}
WHERE id > ?1
ORDER BY id
LIMIT ?2
