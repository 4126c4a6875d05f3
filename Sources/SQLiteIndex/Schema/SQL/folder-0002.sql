-- Version 2 of a folder's index: what is known after the loss of an index (rule 8).

-- 1 from the birth of an index that follows a lost one until a scan of everything is complete.
ALTER TABLE identity ADD COLUMN rebuilding INTEGER NOT NULL DEFAULT 0 CHECK (rebuilding IN (0, 1));

-- IndexRow.Standing; NULL for an agreed row.
ALTER TABLE record ADD COLUMN standing INTEGER CHECK (standing IN (1, 2));

CREATE INDEX record_standing ON record (key) WHERE standing IS NOT NULL;

-- Contents that stood at paths and were replaced or deleted: the first 16 bytes of a hash of path and content, and when.
CREATE TABLE past (
    trace BLOB PRIMARY KEY CHECK (length(trace) = 16),
    seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX past_seconds ON past (seconds);
