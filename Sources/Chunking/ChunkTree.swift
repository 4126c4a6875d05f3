public import SyncModel

/// The nodes of a chunk list: what a peer that wants the list asks for, by hash.
///
/// An edit changes the chunks around it and one node a level; all others keep their hash.
public struct ChunkTree: Sendable {
    /// Level 0 first; the last level is the root alone.
    public let levels: [[ChunkNode]]
    public let list: ChunkList

    /// Of a list of at least two chunks; a shorter one has no tree.
    public init?(_ list: ChunkList) {
        guard list.count >= 2 else { return nil }
        var levels: [[ChunkNode]] = []
        _ = Self.build(list) { node in
            if levels.count <= Int(node.level) { levels.append([]) }
            levels[Int(node.level)].append(node)
        }
        self.levels = levels
        self.list = list
    }

    public var root: ChunkNode { levels[levels.count - 1][0] }

    /// All nodes, from the root down, each level in the file's order.
    public var nodes: some Sequence<ChunkNode> { levels.reversed().joined() }

    /// The node with this hash: to answer one request. Looks through all of them.
    public func node(_ hash: Bytes32) -> ChunkNode? { nodes.first { $0.hash == hash } }

    static func rootHash(of list: ChunkList) -> Bytes32 { build(list) { _ in }.hash }

    /// Makes every node, a level after the other, and returns the root. `list` has at least one chunk.
    private static func build(_ list: ChunkList, _ each: (ChunkNode) -> Void) -> ChunkNode {
        var references: [NodeReference] = []
        var bytes: [UInt8] = []
        var size: UInt64 = 0
        var count = 0
        var last = ChunkNode(trusted: [], level: 0, size: 0)
        func close(_ level: UInt8) {
            guard count > 0 else { return }
            last = ChunkNode(trusted: bytes, level: level, size: size)
            each(last)
            references.append(last.reference)
            (bytes, size, count) = ([], 0, 0)
        }
        for chunk in list {
            ChunkList.append(chunk, to: &bytes)
            (size, count) = (size + UInt64(chunk.length), count + 1)
            if ChunkNode.closes(after: chunk.hash, count: count) { close(0) }
        }
        close(0)
        var level: UInt8 = 0
        while references.count > 1 {
            let below = references
            references = []
            level += 1
            for child in below {
                withUnsafeBytes(of: child.size.bigEndian) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: child.hash.bytes)
                (size, count) = (size + child.size, count + 1)
                if ChunkNode.closes(after: child.hash, count: count) { close(level) }
            }
            close(level)
        }
        return last
    }
}
