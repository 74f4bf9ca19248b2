-- What of a file its document's text leaves out, as a JSON object of numbers by reason; and the kind
-- of error that it was refused with, so that the page can tell it in the reader's language.
ALTER TABLE job_files ADD COLUMN left_out TEXT;
ALTER TABLE job_files ADD COLUMN refusal TEXT;
