-- Where each fact about a version of a document was found.
CREATE TABLE origins (
    document_key INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    fact         TEXT    NOT NULL,
    origin       TEXT    NOT NULL,
    crc          INTEGER,
    PRIMARY KEY (document_key, fact)
) STRICT, WITHOUT ROWID;

-- What people corrected: it holds for every later version of the document, by its id. A value that
-- is NULL says that the document has none.
CREATE TABLE corrections (
    document TEXT NOT NULL,
    fact     TEXT NOT NULL,
    value    TEXT,
    crc      INTEGER,
    PRIMARY KEY (document, fact)
) STRICT, WITHOUT ROWID;
