import SyncModel

extension IndexRequest {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        try writer.varint(UInt64(stream), UInt64(UInt32.max), "stream")
        writer.epoch(epoch)
        try writer.sequence(after, "sequence")
        try writer.varint(UInt64(inlineLimit), UInt64(Limits.inlineBytes), "inline limit")
        try writer.varint(UInt64(creditBytes), UInt64(Limits.indexCreditBytes), "credit")
        writer.flag(takesMoves)
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        stream = UInt32(try reader.varint(UInt64(UInt32.max), "stream"))
        epoch = try reader.epoch()
        after = try reader.sequence("sequence")
        inlineLimit = UInt32(try reader.varint(UInt64(Limits.inlineBytes), "inline limit"))
        creditBytes = UInt32(try reader.varint(UInt64(Limits.indexCreditBytes), "credit"))
        takesMoves = try reader.flag("moves flag")
    }
}

extension DirectoryMove {
    func write(to writer: inout WireWriter, table: inout AuthorTable) throws(WireError) {
        try writer.path(from)
        try writer.path(to)
        try writer.path(first)
        try writer.path(last)
        try check(at: writer.bytes.count)
        try writer.count(Int(count), Limits.batchRecords / 2, "moved entries")
        writer.bytes32(digest)
        try writer.origin(origin, of: &table)
        writer.extensions()
    }

    init(from reader: inout WireReader, table: borrowing AuthorTable) throws(WireError) {
        from = try reader.path("path that it moved from")
        to = try reader.path("path that it moved to")
        first = try reader.path("first path that moved")
        last = try reader.path("last path that moved")
        count = UInt32(try reader.varint(UInt64(Limits.batchRecords / 2), "moved entries"))
        digest = try reader.bytes32("digest of a move")
        origin = try reader.origin(of: table)
        try reader.extensions()
        try check(at: reader.offset)
    }

    private func check(at offset: Int) throws(WireError) {
        guard isConsistent else {
            throw WireError(
                .inconsistent, at: offset, "A directory moves onto, into or above itself, or its range leaves it.")
        }
    }
}

extension IndexEntry {
    /// The byte before each entry.
    enum Kind: UInt8 {
        case record = 1
        case recordWithContent = 2
        case move = 3
    }

    /// The table of authors, then the entries, each by its distance from the sequence before.
    static func write(
        _ entries: [IndexEntry], after: IndexSequence, upTo: IndexSequence, inline: Bool, to writer: inout WireWriter
    ) throws(WireError) {
        try check(entries, areBatch: inline, at: writer.bytes.count)
        var table = AuthorTable()
        for entry in entries {
            switch entry.item {
            case .record(let record, _): table.add(record)
            case .move(let move): table.add(move.origin.author)
            }
        }
        try table.write(to: &writer)
        try writer.count(entries.count, Limits.batchRecords, "entries")
        var last = after
        var path: RelativePath?
        for entry in entries {
            guard entry.sequence > last, entry.sequence <= upTo else {
                throw writer.failure(.notAscending, "The sequences do not ascend, or leave the batch.")
            }
            switch entry.item {
            case .record(let record, let content):
                writer.choice(content == nil ? Kind.record : .recordWithContent)
                writer.varint(entry.sequence - last)
                try record.write(to: &writer, after: path, table: &table)
                if let content {
                    try check(content, of: record, allowed: inline, at: writer.bytes.count)
                    try writer.slice(content, Limits.inlineBytes, "inline content")
                }
                path = record.path
            case .move(let move):
                writer.choice(Kind.move)
                writer.varint(entry.sequence - last)
                try move.write(to: &writer, table: &table)
            }
            last = entry.sequence
        }
    }

    static func readList(
        after: IndexSequence, upTo: IndexSequence, inline: Bool, from reader: inout WireReader
    ) throws(WireError) -> [IndexEntry] {
        let table = try AuthorTable(from: &reader)
        let count = try reader.count(Limits.batchRecords, least: 8, "entries")
        var entries: [IndexEntry] = []
        entries.reserveCapacity(count)
        var last = after
        var path: RelativePath?
        for _ in 0..<count {
            let kind = try reader.choice(Kind.self, "kind of entry")
            let step = try reader.counter("distance of sequences")
            guard step <= upTo - last else {
                throw reader.failure(.notAscending, "A sequence leaves the batch.")
            }
            last += step
            if kind == .move {
                entries.append(IndexEntry(sequence: last, item: .move(try DirectoryMove(from: &reader, table: table))))
                continue
            }
            let record = try FileRecord.read(from: &reader, after: path, table: table)
            path = record.path
            var content: ArraySlice<UInt8>?
            if kind == .recordWithContent {
                let bytes = try reader.slice(Limits.inlineBytes, "inline content")
                try check(bytes, of: record, allowed: inline, at: reader.offset)
                content = bytes
            }
            entries.append(IndexEntry(sequence: last, item: .record(record, inline: content)))
        }
        try check(entries, areBatch: inline, at: reader.offset)
        return entries
    }

    private static func check(_ entries: [IndexEntry], areBatch: Bool, at offset: Int) throws(WireError) {
        for case .move in entries.lazy.map(\.item) where !areBatch || entries.count > 1 {
            throw WireError(.inconsistent, at: offset, "A directory move is not alone in a batch.")
        }
    }

    private static func check(
        _ content: ArraySlice<UInt8>, of record: FileRecord, allowed: Bool, at offset: Int
    ) throws(WireError) {
        guard allowed, case .file(let file) = record.content, file.size == UInt64(content.count) else {
            throw WireError(.inconsistent, at: offset, "An inline content does not belong here, or has another size.")
        }
    }
}

extension IndexBatch {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        try writer.varint(UInt64(stream), UInt64(UInt32.max), "stream")
        writer.epoch(epoch)
        try writer.sequence(after, "sequence before the batch")
        try writer.sequence(upTo, "sequence of the batch")
        try writer.sequence(head, "head")
        try check(at: writer.bytes.count)
        try writer.optional(mark) { (writer, mark) throws(WireError) in writer.bytes32(mark) }
        try writer.optional(frontier) { (writer, frontier) throws(WireError) in
            try writer.vector(frontier, "frontier")
        }
        try IndexEntry.write(entries, after: after, upTo: upTo, inline: true, to: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        stream = UInt32(try reader.varint(UInt64(UInt32.max), "stream"))
        epoch = try reader.epoch()
        after = try reader.sequence("sequence before the batch")
        upTo = try reader.sequence("sequence of the batch")
        head = try reader.sequence("head")
        mark = try reader.optional("mark flag") { (reader) throws(WireError) in try reader.bytes32("running hash") }
        frontier = try reader.optional("frontier flag") { (reader) throws(WireError) in
            try reader.vector("frontier")
        }
        entries = []
        try check(at: reader.offset)
        entries = try IndexEntry.readList(after: after, upTo: upTo, inline: true, from: &reader)
    }

    private func check(at offset: Int) throws(WireError) {
        guard after <= upTo, upTo <= head else {
            throw WireError(.inconsistent, at: offset, "The sequences of a batch are not in order.")
        }
        guard frontier == nil || upTo == head else {
            throw WireError(.inconsistent, at: offset, "A batch that does not reach the head has a frontier.")
        }
    }
}

extension Records {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(request)
        writer.epoch(epoch)
        writer.flag(last)
        try IndexEntry.write(entries, after: 0, upTo: Limits.counter, inline: false, to: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        request = try reader.request()
        epoch = try reader.epoch()
        last = try reader.flag("last flag")
        entries = try IndexEntry.readList(after: 0, upTo: Limits.counter, inline: false, from: &reader)
    }
}
