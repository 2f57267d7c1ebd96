INSERT OR IGNORE INTO erased (person, class)
VALUES (?1, ?2)
