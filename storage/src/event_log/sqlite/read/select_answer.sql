SELECT fingerprint, answer, position
FROM commands
WHERE principal = ?1 AND key = ?2
