-- Version 1 of the device's own database. What each table and column means: the page Schema of this module's documentation.

-- Devices that were paired with this one; removed ones stay, so that they are refused by name.
CREATE TABLE device (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    name TEXT NOT NULL,
    -- Public key info (DER); the id is its SHA-256.
    public_key BLOB NOT NULL,
    -- Last known addresses, one a line, the best first.
    addresses TEXT NOT NULL,
    paired_seconds INTEGER NOT NULL,
    removed INTEGER NOT NULL CHECK (removed IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE folder (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    -- Absolute, bytes as the file system has them.
    path BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('read-write', 'read-only', 'archive', 'keeper')),
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    created_seconds INTEGER NOT NULL,
    -- Our own incarnation as a member (rule 19).
    incarnation INTEGER NOT NULL CHECK (incarnation > 0),
    -- 1 until the first other member was added (rule 18).
    never_shared INTEGER NOT NULL CHECK (never_shared IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Signed membership records in their canonical bytes. A folder's records outlive the folder's own row.
CREATE TABLE membership (
    folder BLOB NOT NULL CHECK (length(folder) = 16),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    record BLOB NOT NULL,
    PRIMARY KEY (folder, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE invite (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    folder BLOB NOT NULL CHECK (length(folder) = 16),
    role TEXT NOT NULL CHECK (role IN ('read-write', 'read-only', 'archive', 'keeper')),
    expires_seconds INTEGER NOT NULL,
    -- The device that joined by it; NULL while it is open.
    used_by BLOB CHECK (length(used_by) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: the machine and the state directory that this identity belongs to (rule 9).
CREATE TABLE binding (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    machine TEXT NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL
) STRICT;
