SELECT position_at($1)
