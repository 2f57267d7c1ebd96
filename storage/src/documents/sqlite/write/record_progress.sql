INSERT INTO progress (collection, generation, parts, part, position, epoch)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO UPDATE SET position = max(position, excluded.position), epoch = excluded.epoch
