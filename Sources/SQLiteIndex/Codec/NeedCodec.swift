internal import SyncModel

/// The `detail` blob of a need: the byte 1, the target's kind, its record blob, and the sources.
extension RecordCodec {
    func encode(_ need: Need) throws -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(Self.format)
        writer.byte(UInt8(Self.kind(of: need.target.content)))
        try encode(need.target, disk: nil, into: &writer)
        writer.number(UInt64(need.sources.count))
        for source in need.sources {
            writer.number(UInt64(try names.number(of: source.device, database)))
            writer.number(source.sequence)
            writer.byte(source.match.rawValue)
        }
        return writer.bytes
    }

    func decodeNeed(
        _ bytes: UnsafeRawBufferPointer, path: RelativePath, state: Int64, reason: String?
    ) throws -> Need {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.format else { throw IndexError.damaged("a need of an unknown format") }
        let kind = Int64(try reader.byte())
        let (target, _) = try decode(&reader, path: path, kind: kind, inode: 0)
        var sources: [NeedSource] = []
        for _ in 0..<(try reader.count(limit: Limits.members)) {
            let device = try names.device(Int64(try reader.count(limit: Limits.indexNames)), database)
            let sequence = try reader.number()
            guard let match = NeedSource.Match(rawValue: try reader.byte()) else {
                throw IndexError.damaged("a need's source of an unknown kind")
            }
            sources.append(NeedSource(device: device, sequence: sequence, match: match))
        }
        guard reader.isAtEnd, let state = NeedState(rawValue: UInt8(truncatingIfNeeded: state)) else {
            throw IndexError.damaged("a need that can't be read")
        }
        return Need(target: target, sources: sources, state: state, reason: reason)
    }
}
