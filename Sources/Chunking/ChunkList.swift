internal import Cryptography
public import SyncModel

/// The chunks of one file in order, packed as they stand in the index: an entry is the chunk's length (4 bytes,
/// big-endian) and its SHA-256 (32 bytes).
public struct ChunkList: Hashable, Sendable {
    /// Bytes of one packed entry.
    public static let entryBytes = 36

    /// `count` packed entries.
    public let packed: [UInt8]
    /// The file's size in bytes: the sum of the lengths.
    public let size: UInt64

    /// Bytes that hold the rules already.
    init(trusted packed: [UInt8], size: UInt64) { (self.packed, self.size) = (packed, size) }

    /// The list of an empty file.
    public static let empty = ChunkList(trusted: [], size: 0)

    /// Checks bytes from the index or a peer: whole entries, every length within `Limits.chunkLeast` and
    /// `Limits.chunkGreatest` (the last one may be shorter, never zero), all together `size` bytes.
    public init(packed: [UInt8], size: UInt64) throws(ChunkingError) {
        let (count, rest) = packed.count.quotientAndRemainder(dividingBy: Self.entryBytes)
        guard rest == 0 else {
            throw ChunkingError(.partialEntry, "A chunk list of \(packed.count) bytes has a partial entry.")
        }
        var total: UInt64 = 0
        for index in 0..<count {
            let length = Self.length(at: index, of: packed)
            let least = index == count - 1 ? 1 : Limits.chunkLeast
            guard length >= least, length <= Limits.chunkGreatest else {
                throw ChunkingError(.entryLength, "Chunk \(index) of \(count) has \(length) bytes.")
            }
            total += UInt64(length)
        }
        guard total == size else {
            throw ChunkingError(.wrongTotal, "The chunks have \(total) bytes, the file \(size).")
        }
        self.init(trusted: packed, size: size)
    }

    /// Packs `chunks`, with the same checks.
    public init(_ chunks: some Sequence<ChunkReference>) throws(ChunkingError) {
        var packed: [UInt8] = []
        var size: UInt64 = 0
        for chunk in chunks {
            Self.append(chunk, to: &packed)
            size += UInt64(chunk.length)
        }
        try self.init(packed: packed, size: size)
    }

    /// What identifies the file: the SHA-256 of its bytes when it has at most one chunk, else the hash of its tree's
    /// root. Costs the hashing of the whole list.
    public var contentHash: ContentHash {
        switch count {
        case 0: ContentHash(SHA256.hash([]))
        case 1: ContentHash(self[0].hash)
        default: ContentHash(ChunkTree.rootHash(of: self))
        }
    }

    /// Size and hash together.
    public var content: FileContent { FileContent(size: size, hash: contentHash) }

    static func append(_ chunk: ChunkReference, to packed: inout [UInt8]) {
        withUnsafeBytes(of: chunk.length.bigEndian) { packed.append(contentsOf: $0) }
        packed.append(contentsOf: chunk.hash.bytes)
    }

    private static func length(at index: Int, of packed: [UInt8]) -> Int {
        packed.withUnsafeBytes {
            Int(UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: index * entryBytes, as: UInt32.self)))
        }
    }
}

extension ChunkList: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { packed.count / Self.entryBytes }

    public subscript(index: Int) -> ChunkReference {
        precondition(index >= 0 && index < endIndex)
        return packed.withUnsafeBytes { bytes in
            let entry = bytes[(index * Self.entryBytes)..<((index + 1) * Self.entryBytes)]
            return ChunkReference(
                length: UInt32(bigEndian: entry.loadUnaligned(as: UInt32.self)),
                hash: Bytes32(UnsafeRawBufferPointer(rebasing: entry.dropFirst(4))))
        }
    }
}
