-- The bytes that documents were read from and that waiting jobs will be, each once.
CREATE TABLE originals (
    sha256 TEXT NOT NULL UNIQUE,
    data   BLOB NOT NULL
) STRICT;

CREATE INDEX documents_by_sha256 ON documents (sha256);

-- Work that was accepted over HTTP, in its order.
CREATE TABLE jobs (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL CHECK (kind IN ('upload', 'replace')),
    state       TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'failed', 'done')),
    collection  TEXT    NOT NULL,
    created     TEXT    NOT NULL,
    finished    TEXT,
    problem     TEXT,
    texts_done  INTEGER NOT NULL DEFAULT 0,
    texts_total INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX jobs_to_do ON jobs (number) WHERE state <> 'done';

CREATE TABLE job_files (
    job      INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    file     TEXT    NOT NULL,
    document TEXT    NOT NULL,
    -- Of the bytes to read. It goes when the outcome comes.
    sha256   TEXT,
    outcome  TEXT,
    reason   TEXT,
    -- Counts the outcomes of a job in the order in which they came.
    settled  INTEGER,
    PRIMARY KEY (job, position),
    CHECK ((sha256 IS NULL) = (outcome IS NOT NULL)),
    CHECK ((settled IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX job_files_to_do ON job_files (document) WHERE outcome IS NULL;
CREATE INDEX job_files_by_sha256 ON job_files (sha256) WHERE outcome IS NULL;
