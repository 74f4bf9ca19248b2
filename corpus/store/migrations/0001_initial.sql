CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A row is one version of a document. At most one version is live, that is, to be found;
-- a newer one waits beside it until all of its vectors are there.
CREATE TABLE documents (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL,
    live         INTEGER NOT NULL CHECK (live IN (0, 1)),
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
    text         TEXT    NOT NULL,
    UNIQUE (id, live)
) STRICT;

CREATE INDEX documents_by_file ON documents (collection, file);

-- Whatever is given to a model: passages and sentences, each text once.
CREATE TABLE texts (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 BLOB NOT NULL UNIQUE,
    text   TEXT NOT NULL
) STRICT;

CREATE TABLE passages (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    document_key INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    start        INTEGER NOT NULL,
    "end"        INTEGER NOT NULL,
    page         INTEGER,
    language     TEXT    NOT NULL,
    text_id      INTEGER NOT NULL REFERENCES texts (id)
) STRICT;

CREATE INDEX passages_by_document ON passages (document_key);
CREATE INDEX passages_by_text ON passages (text_id);

CREATE TABLE sentences (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    start      INTEGER NOT NULL,
    "end"      INTEGER NOT NULL,
    text_id    INTEGER NOT NULL REFERENCES texts (id),
    PRIMARY KEY (passage_id, start)
) STRICT, WITHOUT ROWID;

CREATE INDEX sentences_by_text ON sentences (text_id);

CREATE TABLE models (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    revision TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    UNIQUE (sha256)
) STRICT;

-- Little-endian float32, as the model gave them.
CREATE TABLE vectors (
    model_id INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    text_id  INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
    data     BLOB    NOT NULL,
    -- Not WITHOUT ROWID: rows this large would spill over, at three times the space.
    UNIQUE (text_id, model_id)
) STRICT;
