-- Version 3 of a folder's index: held deletions and their releases (rule 15), and which crashes are mended (rule 12).

-- A need's state may be 6, held. SQLite can't change a check: the table is made anew, its rows keep their numbers.
CREATE TABLE need_3 (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    -- NeedState.
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
    -- The target's size in bytes.
    size INTEGER NOT NULL,
    -- First eight bytes of the target's content hash, where that may have a chunk list.
    content INTEGER,
    reason TEXT,
    -- The target record and its sources: NeedCodec.swift.
    detail BLOB NOT NULL
) STRICT;

INSERT INTO need_3 (id, key, state, size, content, reason, detail)
    SELECT id, key, state, size, content, reason, detail FROM need;
DROP TABLE need;
ALTER TABLE need_3 RENAME TO need;

CREATE INDEX need_state ON need (state, key);
CREATE INDEX need_content ON need (content) WHERE content IS NOT NULL;

-- The start of the machine since which all is mended that a loss of power may have torn; NULL where that is not known.
ALTER TABLE identity ADD COLUMN boot TEXT;

-- Signed releases of held deletions, the widest of each author. Devices and epochs stand for themselves: what others
-- sign gives no author a number.
CREATE TABLE release (
    device BLOB NOT NULL CHECK (length(device) = 32),
    epoch INTEGER NOT NULL,
    up_to INTEGER NOT NULL CHECK (up_to > 0),
    signer BLOB NOT NULL CHECK (length(signer) = 32),
    signer_key BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (device, epoch)
) STRICT, WITHOUT ROWID;
