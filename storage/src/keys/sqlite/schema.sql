CREATE TABLE IF NOT EXISTS data_key (
    person BLOB NOT NULL,
    class TEXT NOT NULL,
    version INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (person, class, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS erased (
    person BLOB NOT NULL,
    class TEXT NOT NULL,
    PRIMARY KEY (person, class)
) STRICT, WITHOUT ROWID;
