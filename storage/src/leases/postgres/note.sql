SELECT note_progress($1::text, $2::bigint, $3::bigint);
