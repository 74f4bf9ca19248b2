-- Pages of a document whose words were recognised in pictures, and how well.
CREATE TABLE recognised_pages (
    document_key INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    page         INTEGER NOT NULL,
    confidence   REAL    NOT NULL,
    words        INTEGER NOT NULL,
    doubtful     INTEGER NOT NULL,
    crc          INTEGER,
    PRIMARY KEY (document_key, page)
) STRICT, WITHOUT ROWID;
