-- A version of many passages is written, and deleted, in several transactions. Meanwhile it is
-- neither live nor waiting: its `live` is NULL. For that the table is made anew.
CREATE TABLE versions (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL,
    live         INTEGER CHECK (live IN (0, 1)),
    -- It is being deleted; what is neither live nor going is being written.
    going        INTEGER NOT NULL DEFAULT 0 CHECK (going IN (0, 1)),
    collection   TEXT    NOT NULL,
    file         TEXT    NOT NULL,
    root         TEXT    NOT NULL,
    media_type   TEXT    NOT NULL,
    sha256       TEXT    NOT NULL,
    text_version INTEGER NOT NULL,
    language     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    publisher    TEXT,
    published    TEXT,
    url          TEXT,
    passage_count INTEGER NOT NULL,
    -- Who sent it, as the id of a key; empty for who needed none, and for the command line.
    owner        TEXT    NOT NULL DEFAULT '',
    -- Of the file that it was read from.
    bytes        INTEGER NOT NULL DEFAULT 0,
    -- That brought it; jobs that are done are forgotten after a while.
    job          INTEGER,
    crc          INTEGER,
    text         TEXT    NOT NULL,
    UNIQUE (id, live),
    CHECK (going = 0 OR live IS NULL)
) STRICT;

INSERT INTO versions (
    key, id, live, collection, file, root, media_type, sha256, text_version, language, title,
    publisher, published, url, passage_count, owner, bytes, job, crc, text
)
SELECT
    key, id, live, collection, file, root, media_type, sha256, text_version, language, title,
    publisher, published, url, passage_count, owner, bytes, job, crc, text
FROM documents;

-- Keys are never used twice.
CREATE TEMP TABLE last_key AS
SELECT coalesce(max(seq), 0) AS key FROM sqlite_sequence WHERE name = 'documents';

DROP TABLE documents;
ALTER TABLE versions RENAME TO documents;

DELETE FROM sqlite_sequence WHERE name = 'documents';
INSERT INTO sqlite_sequence (name, seq) SELECT 'documents', key FROM last_key;
DROP TABLE last_key;

CREATE INDEX documents_by_file ON documents (collection, file);
CREATE INDEX documents_by_sha256 ON documents (sha256);
CREATE INDEX documents_by_title ON documents (collection, language, title);
CREATE INDEX documents_by_owner ON documents (owner, id, bytes) WHERE live NOTNULL;
CREATE INDEX documents_waiting ON documents (live) WHERE live = 0;
CREATE INDEX documents_queue ON documents (owner, bytes, key) WHERE live = 0;
CREATE INDEX documents_of_job ON documents (job) WHERE live = 0;
CREATE INDEX documents_apart ON documents (going, key) WHERE live IS NULL;
