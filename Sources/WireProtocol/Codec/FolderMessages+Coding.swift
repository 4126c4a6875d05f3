import SyncModel

extension FolderOffer {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        try writer.name(name, Limits.folderNameBytes, "folder name")
        try MembershipRecord.write(records, of: folder, to: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        name = try reader.name(Limits.folderNameBytes, "folder name")
        records = try MembershipRecord.readList(of: folder, from: &reader)
    }

    static func write(_ offers: [FolderOffer], to writer: inout WireWriter) throws(WireError) {
        try writer.ascending(offers, Limits.folders, "folder offers", by: \.folder) {
            (writer, offer) throws(WireError) in
            try offer.write(to: &writer)
        }
    }

    static func readList(from reader: inout WireReader) throws(WireError) -> [FolderOffer] {
        try reader.ascending(Limits.folders, least: 19, "folder offers", by: \FolderOffer.folder) {
            (reader) throws(WireError) in try FolderOffer(from: &reader)
        }
    }
}

extension MembershipUpdate {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        try MembershipRecord.write(records, of: folder, to: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        records = try MembershipRecord.readList(of: folder, from: &reader)
    }
}

extension LogMark {
    func write(to writer: inout WireWriter) throws(WireError) {
        try writer.sequence(sequence, "sequence of the mark")
        writer.bytes32(hash)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let sequence = try reader.sequence("sequence of the mark")
        self.init(sequence: sequence, hash: try reader.bytes32("running hash"))
    }
}

extension LogPosition {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.epoch(epoch)
        try writer.sequence(received, "received sequence")
        try writer.sequence(applied, "applied sequence")
        try check(at: writer.bytes.count)
        try writer.optional(mark) { (writer, mark) throws(WireError) in try mark.write(to: &writer) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        epoch = try reader.epoch()
        received = try reader.sequence("received sequence")
        applied = try reader.sequence("applied sequence")
        mark = try reader.optional("mark flag") { (reader) throws(WireError) in try LogMark(from: &reader) }
        try check(at: reader.offset)
    }

    private func check(at offset: Int) throws(WireError) {
        guard applied <= received else {
            throw WireError(.inconsistent, at: offset, "More of the log is applied than was received.")
        }
    }
}

extension FolderState {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        writer.choice(activity)
        writer.epoch(epoch)
        try writer.sequence(head, "head")
        try mark.write(to: &writer)
        try check(at: writer.bytes.count)
        try writer.vector(frontier, "frontier")
        writer.bytes32(members)
        try writer.vector(cut, "cut")
        try writer.optional(rootDigest) { (writer, digest) throws(WireError) in writer.bytes32(digest) }
        try writer.optional(tombstoneDigest) { (writer, digest) throws(WireError) in writer.bytes32(digest) }
        try writer.varint(needFiles, Limits.counter, "number of needed files")
        try writer.varint(needBytes, .max, "number of needed bytes")
        try writer.varint(scannedGeneration, Limits.counter, "scan generation")
        writer.flag(unflushed)
        try writer.optional(position) { (writer, position) throws(WireError) in try position.write(to: &writer) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        activity = try reader.choice(FolderActivity.self, "activity")
        epoch = try reader.epoch()
        head = try reader.sequence("head")
        mark = try LogMark(from: &reader)
        frontier = try reader.vector("frontier")
        members = try reader.bytes32("digest of the members")
        cut = try reader.vector("cut")
        rootDigest = try reader.optional("root digest flag") { (reader) throws(WireError) in
            try reader.bytes32("root digest")
        }
        tombstoneDigest = try reader.optional("tombstone digest flag") { (reader) throws(WireError) in
            try reader.bytes32("tombstone digest")
        }
        needFiles = try reader.varint(Limits.counter, "number of needed files")
        needBytes = try reader.varint(.max, "number of needed bytes")
        scannedGeneration = try reader.varint(Limits.counter, "scan generation")
        unflushed = try reader.flag("unflushed flag")
        position = try reader.optional("position flag") { (reader) throws(WireError) in try LogPosition(from: &reader) }
        try check(at: reader.offset)
    }

    private func check(at offset: Int) throws(WireError) {
        guard mark.sequence <= head else {
            throw WireError(.inconsistent, at: offset, "The mark is behind the end of the log.")
        }
    }
}

extension Acknowledge {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        writer.epoch(epoch)
        try writer.sequence(upTo, "acknowledged sequence")
        try writer.vector(frontier, "frontier")
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        epoch = try reader.epoch()
        upTo = try reader.sequence("acknowledged sequence")
        frontier = try reader.vector("frontier")
    }
}
