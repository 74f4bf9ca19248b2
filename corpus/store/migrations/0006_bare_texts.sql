-- A passage's text without the title that it begins with; NULL if it begins with none.
ALTER TABLE passages ADD COLUMN bare_text_id INTEGER REFERENCES texts (id);

CREATE INDEX passages_by_bare_text ON passages (bare_text_id) WHERE bare_text_id IS NOT NULL;
CREATE INDEX documents_by_title ON documents (collection, language, title);

UPDATE passages SET crc = checksum(
    document_key, start, "end", page, language, text_id, bare_text_id
);
