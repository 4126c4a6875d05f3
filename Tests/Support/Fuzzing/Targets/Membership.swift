import SyncCore
import SyncModel
import WireProtocol

extension FuzzTargets {
    /// Statements of eight devices about each other, six bytes each: what, of whom, its incarnation and role, by whom,
    /// and in knowledge of which of the last sixteen.
    static let membership = FuzzTarget("membership", heapBytes: { 8_192 * $0 + 8 << 20 }) {
        let founding: [UInt8] = [0, 0, 0, 0, 0, 0]
        let adding: [UInt8] = [0, 1, 0, 0, 0, 1]
        let back: [UInt8] = [1, 0, 0, 1, 0, 1]
        return [founding, founding + adding, founding + adding + [1, 1, 0, 0, 0, 1] + back + [0, 1, 1, 0, 0, 3]]
    } check: { input in
        let records = try MembershipProgram.records(of: Array(input.prefix(6 * 64)))
        guard let founding = records.first else { return }
        var sets = [records, records.reversed(), records.sorted { $0.hash < $1.hash }].map { order in
            var set = MembershipSet(folder: MembershipProgram.folder, founding: founding.hash)
            for (hash, record) in order { _ = set.insert(record, hash: hash, isVerified: true) }
            return set
        }
        let first = sets.removeFirst()
        try hold(first.members.count <= Limits.members, "\(first.members.count) members")
        for set in sets {
            try hold(set.members == first.members, "the order of arrival decides about the members")
            try hold(set.heads == first.heads, "the order of arrival decides about what stands")
        }
        let stored = MembershipSet(
            folder: MembershipProgram.folder, founding: founding.hash, verified: first.records.reversed())
        try hold(stored.members == first.members, "a restart decides about the members")
    }
}

/// Bytes as signed statements.
private enum MembershipProgram {
    static let folder = FolderID(high: 1, low: 2)

    static func records(of bytes: [UInt8]) throws -> [(hash: Bytes32, record: MembershipRecord)] {
        var made: [(hash: Bytes32, record: MembershipRecord)] = []
        for start in stride(from: 0, to: bytes.count - 5, by: 6) {
            let field = Array(bytes[start..<start + 6])
            let known = UInt16(field[4]) << 8 | UInt16(field[5])
            let predecessors = made.suffix(16).reversed().enumerated().filter { known >> UInt16($0.offset) & 1 == 1 }
            let roles = Role.allCases
            let record = MembershipRecord(
                folder: folder, action: field[0] & 1 == 0 ? .add : .remove, device: device(field[1]),
                incarnation: 1 + UInt64(field[2] & 3), role: roles[Int(field[2] >> 2) % roles.count], deviceName: "n",
                predecessors: Set(predecessors.map { $0.element.hash }).sorted(), knownFrontier: VersionVector(),
                signer: device(field[3]), signerKey: [1], signature: [])
            let encoded = try record.encoded()
            try hold(try MembershipRecord(encoded: encoded) == record, "a statement is read as another")
            made.append((try record.identity(), record))
        }
        return made
    }

    private static func device(_ number: UInt8) -> DeviceID {
        DeviceID(Bytes32([UInt8](repeating: number & 7, count: 32)) ?? .zero)
    }
}
