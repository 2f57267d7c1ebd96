SELECT forget_keys($1)
