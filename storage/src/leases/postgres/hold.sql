SELECT name, token, position
FROM hold_leases($1::text, ARRAY(SELECT n FROM unnest($2::text[]) AS n ORDER BY n), make_interval(secs => $3::double precision))
ORDER BY name COLLATE "C";
