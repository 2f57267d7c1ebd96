CREATE INDEX IF NOT EXISTS {documents}__{fields}
ON {documents} ({columns}, id)
