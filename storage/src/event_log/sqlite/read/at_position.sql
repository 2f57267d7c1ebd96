WHERE e.position = ?1
