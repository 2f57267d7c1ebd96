SELECT release_leases($1::text, $2::text[]);
