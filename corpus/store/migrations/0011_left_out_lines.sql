-- What a file shows and its document's text leaves out, in its order.
CREATE TABLE left_out (
    document_key INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    page         INTEGER,
    number       INTEGER NOT NULL,
    crc          INTEGER,
    PRIMARY KEY (document_key, position)
) STRICT, WITHOUT ROWID;
