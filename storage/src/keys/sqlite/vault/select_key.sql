SELECT wrapped
FROM data_key
WHERE person = ?1 AND class = ?2 AND version = ?3
