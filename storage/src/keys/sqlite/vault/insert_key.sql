INSERT INTO data_key (person, class, version, wrapped)
VALUES (?1, ?2, ?3, ?4)
