-- One name of a collection is one collection, however its accents were typed: names are composed
-- (NFC). Documents keep their ids, since addresses name them. Where two of them come to have the
-- same name, the second one's file gets a number in front.
CREATE TEMP TABLE composed AS
SELECT key, nfc(collection) AS collection, iif(nth > 1, '(' || nth || ') ', '') || file AS file
FROM (
    SELECT key, collection, file, dense_rank() OVER (
        PARTITION BY nfc(collection), file ORDER BY collection <> nfc(collection), id
    ) AS nth
    FROM documents
)
WHERE collection <> nfc(collection);

UPDATE documents SET collection = c.collection, file = c.file
FROM composed c WHERE c.key = documents.key;

UPDATE documents SET crc = checksum(
    id, collection, file, media_type, sha256, text_version, language, title, publisher, published,
    url, passage_count, text
)
WHERE key IN (SELECT key FROM composed);

DROP TABLE composed;

-- Files that wait become the documents that they would have become.
UPDATE job_files SET file = d.file
FROM documents d, jobs j
WHERE d.id = job_files.document AND j.number = job_files.job
AND job_files.outcome IS NULL AND j.collection <> nfc(j.collection);

UPDATE job_files SET document = coalesce(
    (SELECT d.id FROM documents d WHERE d.collection = nfc(j.collection) AND d.file = job_files.file),
    'd-' || substr(lower(hex(sha256(nfc(j.collection) || char(0) || job_files.file))), 1, 16)
)
FROM jobs j
WHERE j.number = job_files.job
AND job_files.outcome IS NULL AND j.collection <> nfc(j.collection);

UPDATE jobs SET collection = nfc(collection) WHERE collection <> nfc(collection);
