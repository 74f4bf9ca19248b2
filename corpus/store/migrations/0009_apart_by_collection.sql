-- Bytes and texts belong to one collection each. A file that another collection has as well is
-- kept and encoded as any other, so that neither time nor numbers tell of it.

CREATE TABLE collection_originals (
    collection TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    data       BLOB NOT NULL,
    UNIQUE (collection, sha256)
) STRICT;

INSERT INTO collection_originals (collection, sha256, data)
SELECT used.collection, used.sha256, o.data
FROM (
    SELECT collection, sha256 FROM documents UNION
    SELECT j.collection, f.sha256 FROM job_files f JOIN jobs j ON j.number = f.job
    WHERE f.outcome IS NULL
) used
JOIN originals o ON o.sha256 = used.sha256;

DROP TABLE originals;
ALTER TABLE collection_originals RENAME TO originals;

-- A text that several collections have keeps its id in the first of them. In the others it gets
-- a new one, over all that there were: ids are never used twice.
CREATE TEMP TABLE last_text AS
SELECT coalesce(max(seq), 0) AS id FROM sqlite_sequence WHERE name = 'texts';

CREATE TEMP TABLE places AS
SELECT collection, text_id AS before, iif(
    nth = 1, text_id,
    (SELECT id FROM last_text)
    + sum(nth > 1) OVER (ORDER BY text_id, nth ROWS UNBOUNDED PRECEDING)
) AS id
FROM (
    SELECT collection, text_id, row_number() OVER (PARTITION BY text_id ORDER BY collection) AS nth
    FROM (
        SELECT d.collection, p.text_id FROM passages p
        JOIN documents d ON d.key = p.document_key UNION
        SELECT d.collection, p.bare_text_id FROM passages p
        JOIN documents d ON d.key = p.document_key WHERE p.bare_text_id NOTNULL UNION
        SELECT d.collection, s.text_id FROM sentences s JOIN passages p ON p.id = s.passage_id
        JOIN documents d ON d.key = p.document_key
    )
);
CREATE UNIQUE INDEX temp.places_before ON places (before, collection);

-- They are about texts, and are made again when those are in their place.
DROP TRIGGER passage_words_come;
DROP TRIGGER passage_words_go;
DROP VIEW passage_texts;

CREATE TABLE collection_texts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    sha256     BLOB NOT NULL,
    text       TEXT NOT NULL,
    UNIQUE (collection, sha256)
) STRICT;

INSERT INTO collection_texts (id, collection, sha256, text)
SELECT p.id, p.collection, t.sha256, t.text
FROM places p JOIN texts t ON t.id = p.before ORDER BY p.id;

DROP TABLE texts;
ALTER TABLE collection_texts RENAME TO texts;
DELETE FROM sqlite_sequence WHERE name = 'texts';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'texts', max((SELECT id FROM last_text), (SELECT coalesce(max(id), 0) FROM texts));

DELETE FROM vectors WHERE text_id NOT IN (SELECT id FROM texts);
INSERT INTO vectors (model_id, text_id, data, crc)
SELECT v.model_id, p.id, v.data, v.crc
FROM places p JOIN vectors v ON v.text_id = p.before WHERE p.id <> p.before;

UPDATE passages SET text_id = p.id
FROM documents d, places p
WHERE d.key = document_key AND p.collection = d.collection AND p.before = text_id
AND p.id <> p.before;

UPDATE passages SET bare_text_id = p.id
FROM documents d, places p
WHERE d.key = document_key AND p.collection = d.collection AND p.before = bare_text_id
AND p.id <> p.before;

UPDATE passages SET crc = checksum(
    document_key, start, "end", page, language, text_id, bare_text_id
)
WHERE max(text_id, coalesce(bare_text_id, 0)) > (SELECT id FROM last_text);

UPDATE sentences SET text_id = p.id
FROM passages a, documents d, places p
WHERE a.id = passage_id AND d.key = a.document_key AND p.collection = d.collection
AND p.before = sentences.text_id AND p.id <> p.before;

UPDATE sentences SET crc = checksum(passage_id, start, "end", text_id)
WHERE text_id > (SELECT id FROM last_text);

CREATE VIEW passage_texts AS
SELECT p.id AS id, t.text AS text FROM passages p JOIN texts t ON t.id = p.text_id;

CREATE TRIGGER passage_words_come AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words (rowid, text) SELECT id, text FROM passage_texts WHERE id = new.id;
END;

-- Before, and not after: the text is still there.
CREATE TRIGGER passage_words_go BEFORE DELETE ON passages BEGIN
    INSERT INTO passage_words (passage_words, rowid, text)
    SELECT 'delete', id, text FROM passage_texts WHERE id = old.id;
END;

DROP TABLE places;
DROP TABLE last_text;

-- Ids have 128 bits. A document that is there keeps its id, since addresses name it; a file that
-- waits to become one gets the long one.
UPDATE job_files SET document =
    'd-' || substr(lower(hex(sha256(j.collection || char(0) || job_files.file))), 1, 32)
FROM jobs j
WHERE j.number = job_files.job AND job_files.outcome IS NULL
AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = job_files.document);
