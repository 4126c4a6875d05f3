-- Version 1 of a folder's index. What each table and column means: the page Schema of this module's documentation.
-- References are stated for the reader and not enforced: one writer keeps them, and the check costs a lookup a row.
-- Unsigned 64-bit numbers (epochs, hash prefixes, inodes) are stored as the signed number of the same bits.

-- One row: whose index this is, and the counters that advance with every commit.
CREATE TABLE identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    folder BLOB NOT NULL CHECK (length(folder) = 16),
    device BLOB NOT NULL CHECK (length(device) = 32),
    epoch INTEGER NOT NULL,
    next_edit INTEGER NOT NULL CHECK (next_edit > 0),
    last_sequence INTEGER NOT NULL CHECK (last_sequence >= 0),
    stamp_counter INTEGER NOT NULL CHECK (stamp_counter >= 0),
    -- Running hash of the log, see the page Digest.
    log_hash BLOB NOT NULL CHECK (length(log_hash) = 32),
    -- Version vector: what this device has durably covered.
    frontier BLOB NOT NULL
) STRICT;

-- Totals, kept with every commit, so that a status costs no scan. Which name means what: Totals.swift.
CREATE TABLE total (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Devices and authors named by rows, as small numbers.
CREATE TABLE member (
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL UNIQUE CHECK (length(device) = 32)
) STRICT;

CREATE TABLE author (
    id INTEGER PRIMARY KEY,
    member INTEGER NOT NULL REFERENCES member (id),
    epoch INTEGER NOT NULL,
    UNIQUE (member, epoch)
) STRICT;

-- One row a path. The sequence is the rowid: the log is the table itself, and a newer record moves its row to the end.
CREATE TABLE record (
    sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
    -- RelativePath.sortKey: its byte order is the order of a walk, a subtree is a range.
    key BLOB NOT NULL UNIQUE,
    -- 0 tombstone, 1 file, 2 directory, 3 symlink.
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
    -- First eight bytes of a file's content hash.
    content INTEGER CHECK ((content IS NULL) = (kind <> 1)),
    -- Inode of the entry on disk; the device number is in `detail`.
    inode INTEGER,
    -- The member whose announcement it was taken from.
    source INTEGER REFERENCES member (id),
    -- 1 for a live conflict copy.
    conflict INTEGER CHECK (conflict = 1),
    -- The rest of the record and its stat: RecordCodec.swift.
    detail BLOB NOT NULL
) STRICT;

CREATE INDEX record_content ON record (content) WHERE content IS NOT NULL;
CREATE INDEX record_inode ON record (inode) WHERE inode IS NOT NULL;
CREATE INDEX record_conflict ON record (key) WHERE conflict = 1;

-- Chunk lists of files of more than one chunk, cut into segments so that none is larger than a few pages.
CREATE TABLE chunk_list (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    size INTEGER NOT NULL,
    chunks INTEGER NOT NULL CHECK (chunks > 0),
    UNIQUE (hash, size)
) STRICT;

CREATE TABLE chunk_segment (
    id INTEGER PRIMARY KEY,
    list INTEGER NOT NULL REFERENCES chunk_list (id),
    -- Position in the file of its first chunk, in bytes.
    position INTEGER NOT NULL,
    -- 36 bytes a chunk: length (big-endian), hash.
    packed BLOB NOT NULL,
    UNIQUE (list, position)
) STRICT;

-- First eight bytes of a chunk's hash: where to look for it. The whole hash is in the segment.
CREATE TABLE chunk (
    prefix INTEGER NOT NULL,
    segment INTEGER NOT NULL REFERENCES chunk_segment (id),
    PRIMARY KEY (prefix, segment)
) STRICT, WITHOUT ROWID;

-- Records that peers have and that are not applied here.
CREATE TABLE need (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    -- NeedState.
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    -- The target's size in bytes.
    size INTEGER NOT NULL,
    -- First eight bytes of the target's content hash, where that may have a chunk list.
    content INTEGER,
    reason TEXT,
    -- The target record and its sources: NeedCodec.swift.
    detail BLOB NOT NULL
) STRICT;

CREATE INDEX need_state ON need (state, key);
CREATE INDEX need_content ON need (content) WHERE content IS NOT NULL;

-- Who announced a need, and where in its log: the least of a member bounds what may be acknowledged to it.
CREATE TABLE need_source (
    member INTEGER NOT NULL REFERENCES member (id),
    sequence INTEGER NOT NULL,
    need INTEGER NOT NULL,
    PRIMARY KEY (member, sequence, need)
) STRICT, WITHOUT ROWID;

-- What is known of each other member's index, and it of ours.
CREATE TABLE peer (
    member INTEGER PRIMARY KEY REFERENCES member (id),
    epoch INTEGER,
    received_sequence INTEGER NOT NULL,
    mark_sequence INTEGER NOT NULL,
    mark_hash BLOB NOT NULL CHECK (length(mark_hash) = 32),
    acknowledged_epoch INTEGER,
    acknowledged_sequence INTEGER NOT NULL,
    sent_sequence INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT;

-- Our log at each of the last commits: a peer that shows another hash at a sequence has seen a fork (rule 9).
CREATE TABLE mark (
    sequence INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- States of the digest: 0 ... 255 the buckets of live records, 256 the tombstones. 2,048 bytes each; none = zero.
CREATE TABLE digest (
    bucket INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 256),
    state BLOB NOT NULL CHECK (length(state) = 2048)
) STRICT;
