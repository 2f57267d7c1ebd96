INSERT INTO commands (principal, key, fingerprint, answer, position, recorded_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
