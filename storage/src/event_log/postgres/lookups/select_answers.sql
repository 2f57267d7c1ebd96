-- `OFFSET 0` keeps each look-up one of the index, however the tables are estimated.
SELECT asked.place, found.fingerprint, found.answer, found.position
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (principal, key, place)
CROSS JOIN LATERAL (
    SELECT fingerprint, answer, position
    FROM commands
    WHERE principal = asked.principal AND key = asked.key
    OFFSET 0
) AS found
