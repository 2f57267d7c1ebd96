DELETE FROM checkpoint
WHERE collection = ?1 AND generation = ?2
