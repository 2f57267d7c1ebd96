SELECT id, position, body
FROM {table}
WHERE id = ?1
