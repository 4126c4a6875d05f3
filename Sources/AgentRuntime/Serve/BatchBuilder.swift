internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncModel
internal import WireProtocol

/// Puts rows into one batch, with the contents of small files, up to the bounds of a batch.
struct BatchBuilder {
    let services: FolderServices
    /// Contents up to this size are added; negative for none.
    let inlineLimit: Int
    /// Whether that goes for what moved, too: who has followed the log has its content at the old path.
    let movesInline: Bool

    private(set) var entries: [WireProtocol.IndexEntry] = []
    /// The sequence of the last row that was added.
    private(set) var last: IndexSequence = 0
    private var bytes = 0
    private var authors = 0

    init(services: FolderServices, inlineLimit: Int, movesInline: Bool = true) {
        self.services = services
        self.movesInline = movesInline
        self.inlineLimit = inlineLimit == 0 ? -1 : inlineLimit
    }

    /// Adds what stands for rows.
    mutating func add(_ move: DirectoryMove, for rows: some BidirectionalCollection<IndexRow>) {
        guard let first = rows.first, let end = rows.last else { return }
        entries = [WireProtocol.IndexEntry(sequence: first.sequence, item: .move(move))]
        last = end.sequence
    }

    /// Adds rows as long as there is room, at least one; whether all are in.
    @discardableResult
    mutating func add(_ rows: some Collection<IndexRow>) -> Bool {
        for row in rows {
            guard add(row) else { return false }
        }
        return true
    }

    private mutating func add(_ row: IndexRow) -> Bool {
        let record = row.record
        let size = record.sizeEstimate
        let count =
            record.version.entries.count + record.attributes.count
            + record.lineage.count * 2 + 4
        if !entries.isEmpty, bytes + size > Limits.batchBytes || authors + count > Limits.batchAuthors { return false }
        var inline: ArraySlice<UInt8>?
        if case .file(let content) = record.content, content.size <= Limits.inlineBytes,
            Int(content.size) <= inlineLimit, movesInline || record.movedFrom == nil
        {
            if !entries.isEmpty, bytes + size + Int(content.size) > Limits.batchBytes { return false }
            inline = read(row, Int(content.size))
        }
        bytes += size + (inline?.count ?? 0)
        authors += count
        entries.append(WireProtocol.IndexEntry(sequence: row.sequence, item: .record(record, inline: inline)))
        last = row.sequence
        return true
    }

    /// The content of a small file; nil if what stands there is not, before and after, what the row knows.
    private func read(_ row: IndexRow, _ count: Int) -> ArraySlice<UInt8>? {
        guard case .success(let file) = services.open(row) else { return nil }
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            filled = (try? file.file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)) ?? -1
            initialized = max(0, filled)
        }
        return filled == count && file.isUnchanged ? bytes[...] : nil
    }
}

extension FileRecord {
    /// What it takes in a batch, at most.
    var sizeEstimate: Int {
        var size = 160 + path.bytes.count + version.entries.count * 12
        switch content {
        case .symlink(let target): size += target.count
        case .deleted(let target?): size += target.bytes.count
        case .file, .directory, .deleted(nil): break
        }
        for attribute in attributes { size += 32 + attribute.name.count + (attribute.value.value?.count ?? 0) }
        for place in lineage { size += 32 + place.path.bytes.count }
        size += (movedFrom?.path.bytes.count ?? 0) + (conflictOf?.bytes.count ?? 0)
        return size
    }
}
