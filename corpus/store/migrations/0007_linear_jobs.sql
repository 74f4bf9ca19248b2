-- The next file of a job and its newest outcome, found without a look at all of its files.
CREATE INDEX job_files_next ON job_files (job, position) WHERE outcome IS NULL;
CREATE INDEX job_files_settled ON job_files (job, settled) WHERE settled IS NOT NULL;

-- Versions that wait for their vectors, found without a look at all documents.
CREATE INDEX documents_waiting ON documents (live) WHERE live = 0;
