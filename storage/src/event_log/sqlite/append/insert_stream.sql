INSERT INTO streams (name, version, partition_key) VALUES (?1, ?2, ?3)
