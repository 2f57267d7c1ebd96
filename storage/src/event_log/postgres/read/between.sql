WHERE e.position > $2 AND e.position <= $3
WINDOW page AS (ORDER BY e.position ROWS UNBOUNDED PRECEDING)
ORDER BY e.position
