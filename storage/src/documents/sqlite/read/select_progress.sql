SELECT parts, part, position, epoch
FROM progress
WHERE collection = ?1 AND generation = ?2
