-- What the operator follows on the web. Times are seconds since 1970.
CREATE TABLE web_sources (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    collection TEXT NOT NULL,
    -- How many visits have begun.
    visit INTEGER NOT NULL DEFAULT 0,
    begun INTEGER NOT NULL DEFAULT 0,
    -- NULL while a visit has not come to its end.
    ended INTEGER DEFAULT 0,
    -- The site has asked not to be visited before.
    not_before INTEGER NOT NULL DEFAULT 0,
    -- What the last visit has to say of the source as a whole.
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, address, collection)
) STRICT;
CREATE TABLE web_pages (
    source INTEGER NOT NULL REFERENCES web_sources (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    -- The last visit that asked for it or came by.
    visit INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified TEXT NOT NULL,
    -- Why it was refused; empty if it was not.
    reason TEXT NOT NULL,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
-- The documents that a page's bytes were made into: one, or what a table or an archive holds.
CREATE TABLE web_documents (
    source INTEGER NOT NULL,
    url TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (source, url, document),
    FOREIGN KEY (source, url) REFERENCES web_pages (source, url) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX web_documents_by_document ON web_documents (document);
CREATE INDEX web_documents_by_url ON web_documents (url);
-- The addresses that a page names as itself in other languages.
CREATE TABLE web_alternates (
    source INTEGER NOT NULL,
    url TEXT NOT NULL,
    alternate TEXT NOT NULL,
    PRIMARY KEY (source, url, alternate),
    FOREIGN KEY (source, url) REFERENCES web_pages (source, url) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
