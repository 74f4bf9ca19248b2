-- A model in whose place another one was put: 1 while its vectors are still to be deleted, in steps,
-- and 2 afterwards. It is 0 again once somebody begins to encode with it anew.
ALTER TABLE models ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
