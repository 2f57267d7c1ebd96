WHERE e.stream = (SELECT id FROM streams WHERE name = $2) AND e.version > $3
WINDOW page AS (ORDER BY e.version ROWS UNBOUNDED PRECEDING)
ORDER BY e.version
LIMIT $4
