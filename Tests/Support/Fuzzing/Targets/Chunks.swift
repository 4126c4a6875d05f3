import Chunking
import Cryptography
import SyncModel

extension FuzzTargets {
    /// A chunk list of an index, and the nodes of one from a peer: a byte with the level, then packed entries.
    static let chunks = FuzzTarget("chunks") {
        let entry = [UInt8](repeating: 0, count: 2) + [0x40, 0] + [UInt8](repeating: 9, count: 32)
        let upper = [UInt8](repeating: 0, count: 5) + [2, 0, 0] + [UInt8](repeating: 1, count: 32)
        let closing = [UInt8](repeating: 0, count: 2) + [0x40, 0] + [UInt8](repeating: 0, count: 32)
        return [
            [0], [0] + entry, [0] + entry + entry, [0] + (0..<40).flatMap { $0 % 17 == 0 ? closing : entry },
            [1] + upper + upper, [12] + upper, [13] + upper,
        ]
    } check: { input in
        guard let level = input.first else { return }
        let bytes = Array(input.dropFirst())
        try checkList(bytes)
        try checkNode(bytes, level: level)
    }

    private static func checkList(_ packed: [UInt8]) throws {
        let size = stride(from: 0, to: packed.count - 3, by: ChunkList.entryBytes).reduce(UInt64(0)) { total, start in
            total + packed[start..<start + 4].reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard let list = try? ChunkList(packed: packed, size: size) else { return }
        try hold(list.allSatisfy { $0.length > 0 && $0.length <= Limits.chunkGreatest }, "a chunk out of bounds")
        try hold(try ChunkList(list.map { $0 }) == list, "a chunk list is packed as another")
        guard let tree = ChunkTree(list) else { return }
        // A device that has nothing asks for node after node, and has the same list then.
        var reader = ChunkTreeReader(list.content)
        while let wanted = reader.wanted.first {
            guard let node = tree.node(wanted) else { throw Broken("a node is asked for that is in no tree") }
            try reader.receive(node.bytes, level: node.level, hash: wanted)
        }
        try hold(reader.list == list, "a chunk list arrives as another")
    }

    /// A peer chooses the bytes and the hash of a root, so that the hash is always right.
    private static func checkNode(_ bytes: [UInt8], level: UInt8) throws {
        let hash = SHA256.hash(Array("lanyard list 1".utf8) + [level] + bytes)
        let entryBytes = level == 0 ? ChunkList.entryBytes : ChunkNode.upperEntryBytes
        var size: UInt64 = 0
        for start in stride(from: 0, to: bytes.count - (entryBytes - 33), by: entryBytes) {
            size &+= bytes[start..<start + entryBytes - 32].reduce(0) { $0 << 8 | UInt64($1) }
        }
        if let node = try? ChunkNode(verifying: bytes, level: level, reference: NodeReference(size: size, hash: hash)) {
            try hold(node.count >= 1 && node.count <= ChunkNode.greatestEntries, "a node of \(node.count) entries")
            let sizes = node.children.reduce(UInt64(0)) { $0 + $1.size }
            try hold(level == 0 || sizes == node.size, "the nodes below cover another size")
        }
        var reader = ChunkTreeReader(FileContent(size: size, hash: ContentHash(hash)))
        guard (try? reader.receive(bytes, level: level, hash: hash)) != nil else { return }
        try hold(reader.wanted.count <= ChunkNode.greatestEntries, "\(reader.wanted.count) nodes are asked for")
    }
}
