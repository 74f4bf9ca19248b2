-- By what a model is loaded that is searched, or was before another one took its place: a form of
-- the default model, or a folder. It is NULL where only the settings say so.
ALTER TABLE models ADD COLUMN source TEXT;
-- Every text up to this id has its vector; there may be more.
ALTER TABLE models ADD COLUMN encoded_to INTEGER NOT NULL DEFAULT 0;

-- The model that was searched when a change was begun, and the one that may take its place. The
-- vectors of both are kept until the change ends.
CREATE TABLE model_change (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    former    INTEGER NOT NULL REFERENCES models (id),
    candidate INTEGER NOT NULL REFERENCES models (id),
    -- Of the candidate: it becomes the model's own once that is searched.
    source    TEXT    NOT NULL,
    was_taken INTEGER NOT NULL DEFAULT 0 CHECK (was_taken IN (0, 1)),
    CHECK (former <> candidate)
) STRICT;

-- What each of the two found for the questions of the operator's file.
CREATE TABLE model_figures (
    model_id         INTEGER PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
    file             TEXT    NOT NULL,
    -- Day of UTC.
    measured         TEXT    NOT NULL,
    answerable       INTEGER NOT NULL,
    first            INTEGER NOT NULL,
    first_five       INTEGER NOT NULL,
    wrongly_refused  INTEGER NOT NULL,
    unanswerable     INTEGER NOT NULL,
    refused          INTEGER NOT NULL
) STRICT;
