SELECT c.erased_at IS NOT NULL, k.wrapped
FROM key_chains AS c
LEFT JOIN data_keys AS k ON k.person = c.person AND k.class = c.class AND k.version = $3
WHERE c.person = $1 AND c.class = $2
