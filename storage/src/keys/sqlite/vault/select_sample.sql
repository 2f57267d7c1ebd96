SELECT person, class, version, wrapped
FROM data_key
LIMIT 1
