-- A sentence's tokens as the reader compares them; of a passage as a whole, and of models that the
-- reader does not know, none.
ALTER TABLE vectors ADD COLUMN tokens BLOB NOT NULL DEFAULT x'';
