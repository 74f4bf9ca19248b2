-- How often the process ended while it was at this file, or at what came of it.
ALTER TABLE job_files ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
