import SyncModel

extension Barrier {
    func write(to writer: inout WireWriter) {
        writer.folder(folder)
        writer.fixed(token)
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        token = try reader.fixed(UInt64.self, "token")
    }
}

extension BarrierReached {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        writer.fixed(token)
        writer.flag(reached)
        try writer.optional(rootDigest) { (writer, digest) throws(WireError) in writer.bytes32(digest) }
        try writer.text(reason, Limits.textBytes, "reason")
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        token = try reader.fixed(UInt64.self, "token")
        reached = try reader.flag("reached flag")
        rootDigest = try reader.optional("root digest flag") { (reader) throws(WireError) in
            try reader.bytes32("root digest")
        }
        reason = try reader.text(Limits.textBytes, "reason")
    }
}
