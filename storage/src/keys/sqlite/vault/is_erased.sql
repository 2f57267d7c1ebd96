SELECT 1
FROM erased
WHERE person = ?1 AND class = ?2
