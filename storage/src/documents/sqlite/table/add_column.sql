ALTER TABLE {documents}
ADD COLUMN {column} ANY GENERATED ALWAYS AS (json_extract(body, '$.{field}')) VIRTUAL
