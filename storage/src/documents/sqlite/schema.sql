CREATE TABLE IF NOT EXISTS progress (
    collection TEXT NOT NULL,
    generation INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    part INTEGER NOT NULL,
    position INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (collection, generation, parts, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS serving (
    collection TEXT PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
