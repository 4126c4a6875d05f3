-- Version 5 of a folder's index: deletions that every member has covered are forgotten (rule 7).

-- Version vectors: what every member has durably covered; and what will be part of it when it has been known for long
-- enough, with the seconds since 1970 when it became known. NULL for none.
ALTER TABLE identity ADD COLUMN cut BLOB;
ALTER TABLE identity ADD COLUMN proposed_cut BLOB;
ALTER TABLE identity ADD COLUMN proposed_seconds INTEGER;

-- The member's frontier when its records were last found to equal ours, and the digest of the members known then.
ALTER TABLE peer ADD COLUMN agreed BLOB;
ALTER TABLE peer ADD COLUMN agreed_members BLOB CHECK ((agreed_members IS NULL) = (agreed IS NULL));

-- Deletions alone, for walks over them: they are few among many live records.
CREATE INDEX record_tombstone ON record (key) WHERE kind = 0;
