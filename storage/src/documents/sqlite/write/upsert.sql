INSERT INTO {documents} (id, position, body)
VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE
SET position = excluded.position, body = excluded.body
WHERE excluded.position > position
