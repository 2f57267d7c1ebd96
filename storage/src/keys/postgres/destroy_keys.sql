SELECT destroy_keys($1, $2)
