SELECT generation
FROM serving
WHERE collection = ?1
