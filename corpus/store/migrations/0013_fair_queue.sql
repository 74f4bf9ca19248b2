-- Who sent it, as the id of a key; empty for who needed none, and for the command line. What is
-- counted against a key's quota, and what comes next in the queue, is found by these.
ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE job_files ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE job_files ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
-- What it is queued by: its bytes, or more if an earlier file of the same document has more.
ALTER TABLE job_files ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;
-- It is being read.
ALTER TABLE job_files ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN owner TEXT NOT NULL DEFAULT '';
-- Of the file that it was read from.
ALTER TABLE documents ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
-- That brought it; jobs that are done are forgotten after a while.
ALTER TABLE documents ADD COLUMN job INTEGER;

UPDATE documents SET bytes = coalesce(
    (
        SELECT length(data) FROM originals o
        WHERE o.collection = documents.collection AND o.sha256 = documents.sha256
    ), 0
);
UPDATE job_files SET bytes = coalesce(
    (
        SELECT length(data) FROM jobs j JOIN originals o ON o.collection = j.collection
        WHERE j.number = job_files.job AND o.sha256 = job_files.sha256
    ), 0
)
WHERE outcome IS NULL;
UPDATE job_files SET weight = w.weight
FROM (
    SELECT job, position, max(bytes) OVER (PARTITION BY document ORDER BY job, position) AS weight
    FROM job_files WHERE outcome IS NULL
) w
WHERE w.job = job_files.job AND w.position = job_files.position;

CREATE INDEX job_files_queue ON job_files (owner, weight, job, position) WHERE outcome IS NULL;
CREATE INDEX job_files_begun ON job_files (job) WHERE begun = 1;
CREATE INDEX job_files_suspect ON job_files (job) WHERE ends > 0 AND outcome IS NULL;
CREATE INDEX documents_by_owner ON documents (owner, id, bytes);
CREATE INDEX documents_queue ON documents (owner, bytes, key) WHERE live = 0;
CREATE INDEX documents_of_job ON documents (job) WHERE live = 0;
