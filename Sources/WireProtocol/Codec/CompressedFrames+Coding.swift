import SyncModel

extension CompressedFrames {
    /// The payload up to the bytes, of which `compressed` follow as they are: lets a sender write them in place.
    public static func header(count: Int, compressed: Int) throws(WireError) -> [UInt8] {
        var writer = WireWriter(reserving: 16)
        guard count > 0, compressed > 0 else { throw writer.failure(.inconsistent, "No frame is packed.") }
        try writer.count(count, Limits.frameBytes, "packed bytes")
        writer.extensions()
        try writer.count(compressed, Limits.frameBytes, "compressed bytes")
        return writer.bytes
    }

    func write(to writer: inout WireWriter) throws(WireError) {
        writer.raw(try CompressedFrames.header(count: count, compressed: bytes.count))
        writer.raw(bytes)
    }

    /// The extension area stands before the bytes.
    init(from reader: inout WireReader) throws(WireError) {
        count = Int(try reader.varint(UInt64(Limits.frameBytes), "packed bytes"))
        try reader.extensions()
        bytes = try reader.slice(Limits.frameBytes, "compressed bytes")
        guard count > 0, !bytes.isEmpty else { throw reader.failure(.inconsistent, "No frame is packed.") }
    }
}
