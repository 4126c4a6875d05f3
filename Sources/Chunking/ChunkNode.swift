internal import Cryptography
public import SyncModel

/// A node below a node: how many bytes of the file it covers, and its hash.
public struct NodeReference: Hashable, Sendable {
    /// Bytes of the file that it covers.
    public let size: UInt64
    public let hash: Bytes32

    public init(size: UInt64, hash: Bytes32) { (self.size, self.hash) = (size, hash) }
}

/// One node of a chunk list's tree. Level 0 holds chunks, a higher level holds nodes of the level below.
public struct ChunkNode: Hashable, Sendable {
    public static let leastEntries = 16
    public static let greatestEntries = 256
    /// Bytes of an entry above level 0: the covered size (8 bytes, big-endian) and the node's hash.
    public static let upperEntryBytes = 40
    /// The highest level of the largest file: an entry of level 13 would have to cover 2^65 bytes.
    public static let greatestLevel: UInt8 = 12

    /// An entry whose hash's first byte is below this closes a node that holds enough.
    private static let closingBelow: UInt64 = 5

    public let level: UInt8
    /// The packed entries: what is hashed and what travels.
    public let bytes: [UInt8]
    /// Bytes of the file that it covers.
    public let size: UInt64
    public let hash: Bytes32

    /// Entries of our own making.
    init(trusted bytes: [UInt8], level: UInt8, size: UInt64) {
        (self.bytes, self.level, self.size) = (bytes, level, size)
        hash = Self.hash(bytes, level: level)
    }

    /// Checks a node that a peer sent: it has the hash and covers the size that `reference` promised, and its entries
    /// keep their bounds.
    public init(verifying bytes: [UInt8], level: UInt8, reference: NodeReference) throws(ChunkingError) {
        guard level <= Self.greatestLevel else { throw ChunkingError(.tooDeep, "A node of level \(level) was named.") }
        let entryBytes = Self.entryBytes(level: level)
        let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: entryBytes)
        guard rest == 0 else {
            throw ChunkingError(.partialEntry, "A node of \(bytes.count) bytes has a partial entry.")
        }
        guard count >= 1, count <= Self.greatestEntries else {
            throw ChunkingError(.entryCount, "A node has \(count) entries.")
        }
        guard Self.hash(bytes, level: level) == reference.hash else {
            throw ChunkingError(.wrongHash, "A node of level \(level) does not have the hash it was asked for by.")
        }
        (self.bytes, self.level, size, hash) = (bytes, level, reference.size, reference.hash)
        var total: UInt64 = 0
        for index in 0..<count {
            let length = size(at: index)
            let least = index == count - 1 ? 1 : Self.leastBytes(level: level)
            let greatest = level == 0 ? UInt64(Limits.chunkGreatest) : Limits.fileBytes
            guard length >= least, length <= greatest, total <= Limits.fileBytes else {
                throw ChunkingError(.entryLength, "Entry \(index) of a node covers \(length) bytes.")
            }
            total += length
        }
        guard total == size else {
            throw ChunkingError(.wrongTotal, "A node covers \(total) bytes instead of \(size).")
        }
    }

    /// How many entries it holds.
    public var count: Int { bytes.count / Self.entryBytes(level: level) }

    /// The nodes below, in order; empty for level 0, whose `bytes` are packed chunks.
    public var children: [NodeReference] {
        guard level > 0 else { return [] }
        return (0..<count).map { NodeReference(size: size(at: $0), hash: hash(at: $0)) }
    }

    /// How it is named by the node above.
    public var reference: NodeReference { NodeReference(size: size, hash: hash) }

    static func entryBytes(level: UInt8) -> Int { level == 0 ? ChunkList.entryBytes : upperEntryBytes }

    /// What every entry of a level covers at least, but for the last one of the file.
    private static func leastBytes(level: UInt8) -> UInt64 { UInt64(Limits.chunkLeast) << (4 * UInt64(level)) }

    /// Whether a node of `count` entries ends after one with this hash.
    static func closes(after hash: Bytes32, count: Int) -> Bool {
        count >= greatestEntries || (count >= leastEntries && hash.prefix >> 56 < closingBelow)
    }

    private static func hash(_ bytes: [UInt8], level: UInt8) -> Bytes32 {
        SHA256.hash(Array("lanyard list 1".utf8) + [level] + bytes)
    }

    private func size(at index: Int) -> UInt64 {
        let field = Self.entryBytes(level: level) - 32
        let start = index * (field + 32)
        return bytes[start..<(start + field)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func hash(at index: Int) -> Bytes32 {
        let end = (index + 1) * Self.entryBytes(level: level)
        return bytes.withUnsafeBytes { Bytes32(UnsafeRawBufferPointer(rebasing: $0[(end - 32)..<end])) }
    }
}
