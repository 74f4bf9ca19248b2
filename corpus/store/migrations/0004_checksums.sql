-- What no index holds a second time, as `checksum` sees it: a flipped bit must not go unseen.
ALTER TABLE documents ADD COLUMN crc INTEGER;
ALTER TABLE passages ADD COLUMN crc INTEGER;
ALTER TABLE sentences ADD COLUMN crc INTEGER;
ALTER TABLE vectors ADD COLUMN crc INTEGER;

UPDATE documents SET crc = checksum(
    id, collection, file, media_type, sha256, text_version, language, title, publisher, published,
    url, passage_count, text
);
UPDATE passages SET crc = checksum(document_key, start, "end", page, language, text_id);
UPDATE sentences SET crc = checksum(passage_id, start, "end", text_id);
UPDATE vectors SET crc = checksum(data);
