WHERE e.position > $2
WINDOW page AS (ORDER BY e.position ROWS UNBOUNDED PRECEDING)
ORDER BY e.position
LIMIT 1
