-- Version 4 of a folder's index: what a member that may not announce changed in its folder.

-- Not NULL for a local row: what is agreed beside it (RecordCodec.encode(agreed:)).
ALTER TABLE record ADD COLUMN local BLOB;

CREATE INDEX record_local ON record (key) WHERE local IS NOT NULL;
