INSERT OR REPLACE INTO checkpoint (collection, generation, position, epoch)
VALUES (?1, ?2, ?3, ?4)
