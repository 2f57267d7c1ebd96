SELECT c.erased_at IS NOT NULL, c.newest, k.wrapped
FROM key_chains AS c
LEFT JOIN data_keys AS k ON k.person = c.person AND k.class = c.class AND k.version = c.newest
WHERE c.person = $1 AND c.class = $2
