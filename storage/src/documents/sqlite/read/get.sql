SELECT id, position, body
FROM {documents}
WHERE id = ?1
