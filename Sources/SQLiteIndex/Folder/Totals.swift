internal import SyncModel

/// Sums over the index, kept with every commit.
enum Total: String, CaseIterable {
    case files, directories, symlinks, bytes, tombstones, conflicts
    case found, old, local
    case wantedCount, stagedCount, applyingCount, unflushedCount, blockedCount, heldCount
    case wantedBytes, stagedBytes, applyingBytes, unflushedBytes, blockedBytes, heldBytes
}

extension Total {
    static func count(_ state: NeedState) -> Total {
        switch state {
        case .wanted: .wantedCount
        case .staged: .stagedCount
        case .applying: .applyingCount
        case .unflushed: .unflushedCount
        case .blocked: .blockedCount
        case .held: .heldCount
        }
    }

    static func bytes(_ state: NeedState) -> Total {
        switch state {
        case .wanted: .wantedBytes
        case .staged: .stagedBytes
        case .applying: .applyingBytes
        case .unflushed: .unflushedBytes
        case .blocked: .blockedBytes
        case .held: .heldBytes
        }
    }
}

/// The value of each total. Sums wrap: announced sizes may add up to anything, and what was added comes out again.
struct Totals: Equatable {
    private var values: [Total: Int64] = [:]

    subscript(total: Total) -> Int64 {
        get { values[total] ?? 0 }
        set { values[total] = newValue == 0 ? nil : newValue }
    }

    /// Counts a row, or with `sign` -1 takes it out.
    mutating func count(_ row: IndexRow, sign: Int64) {
        if let record = row.counted { count(record, sign: sign) }
        count(row.standing, sign: sign)
    }

    private mutating func count(_ record: FileRecord, sign: Int64) {
        switch record.content {
        case .deleted: self[.tombstones] += sign
        case .directory: self[.directories] += sign
        case .symlink: self[.symlinks] += sign
        case .file(let content):
            self[.files] += sign
            self[.bytes] &+= sign * Int64(clamping: content.size)
        }
        if record.conflictOf != nil, !record.isDeleted { self[.conflicts] += sign }
    }

    /// Counts a row's standing, or with `sign` -1 takes it out.
    mutating func count(_ standing: IndexRow.Standing, sign: Int64) {
        switch standing {
        case .agreed: break
        case .found: self[.found] += sign
        case .old: self[.old] += sign
        case .local: self[.local] += sign
        }
    }

    /// Counts a need of this state and target size, or with `sign` -1 takes it out.
    mutating func count(need state: NeedState, size: Int64, sign: Int64) {
        self[.count(state)] += sign
        self[.bytes(state)] &+= sign * size
    }
}
