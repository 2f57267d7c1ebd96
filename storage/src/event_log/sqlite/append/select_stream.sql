SELECT id, version FROM streams WHERE name = ?1
