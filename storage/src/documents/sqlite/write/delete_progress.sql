DELETE FROM progress
WHERE collection = ?1 AND generation = ?2
