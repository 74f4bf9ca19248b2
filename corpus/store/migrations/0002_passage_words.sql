CREATE VIEW passage_texts AS
SELECT p.id AS id, t.text AS text FROM passages p JOIN texts t ON t.id = p.text_id;

-- The words of what that view shows, kept up to date by the triggers below.
CREATE VIRTUAL TABLE passage_words USING fts5 (
    text,
    content = 'passage_texts',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2 tokenchars ''§'''
);

CREATE TRIGGER passage_words_come AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words (rowid, text) SELECT id, text FROM passage_texts WHERE id = new.id;
END;

-- Before, and not after: the text is still there.
CREATE TRIGGER passage_words_go BEFORE DELETE ON passages BEGIN
    INSERT INTO passage_words (passage_words, rowid, text)
    SELECT 'delete', id, text FROM passage_texts WHERE id = old.id;
END;

INSERT INTO passage_words (passage_words) VALUES ('rebuild');
