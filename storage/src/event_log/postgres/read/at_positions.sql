WHERE e.position = ANY ($2)
WINDOW page AS (ORDER BY e.position ROWS UNBOUNDED PRECEDING)
ORDER BY e.position
