DELETE FROM commands
WHERE (principal, key) IN (
    SELECT principal, key
    FROM commands
    WHERE substr(principal, 1, 4) = 'per_' AND recorded_at < ?1
    ORDER BY recorded_at
    LIMIT ?2
)
