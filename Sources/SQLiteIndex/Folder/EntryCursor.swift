public import SyncModel

/// What the index says of an entry on the disk: all that a walk has to compare.
public struct IndexEntry: Hashable, Sendable {
    public let path: RelativePath
    /// Of the record: file, directory or symlink.
    public let kind: EntryKind
    /// Nil where nothing of it is on the disk.
    public let disk: DiskState?
    public let sequence: IndexSequence
}

/// Live entries in path order, one at a time, for a walk beside the directory tree.
///
/// Entries are read in pages, each from the snapshot of its moment: the cursor sees a path as it stood when it came to
/// it, never twice, and does not keep the log file from being written back however long the walk takes.
public struct EntryCursor {
    private let reader: IndexReader
    private let directory: RelativePath?
    private var position: RelativePath?
    private var page: ArraySlice<IndexEntry> = []
    private var isLast = false

    /// Rows read at once.
    static let pageRows = 1_024

    init(reader: IndexReader, after path: RelativePath?, below directory: RelativePath?) {
        self.reader = reader
        self.directory = directory
        position = path
    }

    /// The next entry, nil at the end.
    public mutating func next() throws(IndexError) -> IndexEntry? {
        if page.isEmpty, !isLast {
            page = try reader.entries(after: position, below: directory, limit: Self.pageRows)[...]
            position = page.last?.path
            isLast = page.count < Self.pageRows
        }
        return page.popFirst()
    }
}

extension IndexReader {
    /// A cursor over live entries beyond `path` (nil: from the start), below `directory` (nil: the whole folder).
    public func cursor(after path: RelativePath? = nil, below directory: RelativePath? = nil) -> EntryCursor {
        EntryCursor(reader: self, after: path, below: directory)
    }

    /// One page of `cursor`.
    public func entries(
        after path: RelativePath? = nil, below directory: RelativePath? = nil, limit: Int
    ) throws(IndexError) -> [IndexEntry] {
        let range = KeyRange(after: path, below: directory)
        return try snapshot { queries in
            try queries.command(
                """
                SELECT sequence, key, kind, inode, detail FROM record
                WHERE kind > 0 AND key > ? AND key < ? ORDER BY key LIMIT ?
                """
            ) {
                $0.bind(1, range.lower)
                $0.bind(2, range.upper)
                $0.bind(3, Self.bounded(limit))
            }.all(Self.entry)
        }
    }

    private static func entry(_ query: Command) throws -> IndexEntry {
        guard let kind = EntryKind(rawValue: UInt8(truncatingIfNeeded: query.integer(2))) else {
            throw IndexError.damaged("an unknown kind")
        }
        let disk = try query.withBlob(4) { bytes in
            var reader = ByteReader(bytes)
            return try RecordCodec.head(&reader, kind: query.integer(2), inode: query.unsigned(3)).disk
        }
        let path = try query.withBlob(1) { try RecordCodec.path(sortKey: $0) }
        return IndexEntry(path: path, kind: kind, disk: disk, sequence: query.unsigned(0))
    }
}
