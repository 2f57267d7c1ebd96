SELECT add_key($1, $2, $3, $4)
