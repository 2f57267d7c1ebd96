INSERT OR REPLACE INTO serving (collection, generation)
VALUES (?1, ?2)
