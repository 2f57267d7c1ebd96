SELECT 1 FROM commands WHERE principal = ?1 AND key = ?2
