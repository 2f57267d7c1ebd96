CREATE INDEX IF NOT EXISTS {table}__{fields}
ON {table} ({columns}, id)
