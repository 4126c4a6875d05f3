import Cryptography
import SyncModel

@testable import Chunking

/// Deterministic inputs of the vectors: described in "ChunkFormat", so that another implementation can make them.
enum Samples {
    /// The little-endian words of xorshift64 (13, 7, 17), the first one after `seed`.
    static func random(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(count))
    }

    /// A list of `count` chunks that no file has: chunk `i` has 8192 + i bytes and the SHA-256 of the big-endian `i`.
    static func list(_ count: Int) throws -> ChunkList {
        try ChunkList(
            (0..<UInt32(count)).map { index in
                let hash = withUnsafeBytes(of: index.bigEndian) { SHA256.hash($0) }
                return ChunkReference(length: 8_192 + index, hash: hash)
            })
    }

    /// Feeds `bytes` in buffers of the given sizes, over and over.
    static func list(of bytes: [UInt8], in sizes: [Int]) -> ChunkList {
        let builder = ChunkListBuilder()
        var start = 0
        var turn = 0
        while start < bytes.count {
            let end = min(bytes.count, start + sizes[turn % sizes.count])
            bytes[start..<end].withUnsafeBytes { builder.update($0) }
            (start, turn) = (end, turn + 1)
        }
        return builder.finish()
    }
}

func hexadecimal(_ hash: ContentHash) -> String { Hexadecimal.encode(hash.raw.bytes) }
