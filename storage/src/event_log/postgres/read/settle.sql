SELECT settle($1)
