SELECT id, position, body
FROM {table}
WHERE id > ?1
ORDER BY id
LIMIT ?2
