public import SyncModel

/// Puts a chunk list together from nodes that peers send, reusing the nodes of lists that are here.
///
/// Level by level: ask for everything in `wanted`, hand each answer to `receive`, and go on until `list` is there.
public struct ChunkTreeReader: Sendable {
    private let content: FileContent
    private var known: [Bytes32: ChunkNode] = [:]
    /// The nodes of the level being read, in the file's order.
    private var references: [NodeReference]
    /// Nil until the root has told it.
    private var level: UInt8?

    /// Hashes of the nodes to ask for now, each once, in the file's order.
    public private(set) var wanted: [Bytes32] = []
    /// The list, once nothing is wanted any more.
    public private(set) var list: ChunkList?

    /// For a file of at least two chunks, whose `content.hash` is thus the hash of a root. `tree` is that of a similar
    /// file, such as the older version.
    public init(_ content: FileContent, similar tree: ChunkTree? = nil) {
        self.content = content
        references = [NodeReference(size: content.size, hash: content.hash.raw)]
        for node in tree?.nodes.map({ $0 }) ?? [] { known[node.hash] = node }
        // A hash that names a node within the tree, or a root of another size, is no content that is here.
        let isHere = tree.map { $0.root.reference == references[0] } ?? false
        wanted = isHere ? [] : [content.hash.raw]
        if isHere { list = tree?.list }
    }

    /// Takes the node of a wanted hash. After an error nothing has changed: ask another peer.
    public mutating func receive(_ bytes: [UInt8], level: UInt8, hash: Bytes32) throws(ChunkingError) {
        guard let index = wanted.firstIndex(of: hash), self.level == nil || self.level == level,
            let reference = references.first(where: { $0.hash == hash })
        else { throw ChunkingError(.unexpectedNode, "A node of level \(level) came that was not asked for.") }
        let node = try ChunkNode(verifying: bytes, level: level, reference: reference)
        if wanted.count > 1 {
            // The level goes on: nothing can fail any more, and nothing is copied.
            wanted.remove(at: index)
            known[hash] = node
            self.level = level
            return
        }
        var next = self
        next.wanted.remove(at: index)
        next.known[hash] = node
        next.level = level
        while next.wanted.isEmpty, next.list == nil { try next.descend() }
        self = next
    }

    /// All nodes of a level are known: makes the list of them, or goes to the level below.
    private mutating func descend() throws(ChunkingError) {
        var bytes: [UInt8] = []
        var below: [NodeReference] = []
        for reference in references {
            guard let node = known[reference.hash] else { return }
            guard node.size == reference.size, node.level == level else {
                throw ChunkingError(.wrongTotal, "A node covers \(node.size) bytes instead of \(reference.size).")
            }
            if node.level == 0 { bytes += node.bytes } else { below += node.children }
        }
        guard let level, level > 0 else {
            let list = try ChunkList(packed: bytes, size: content.size)
            guard list.count >= 2, list.contentHash == content.hash else {
                throw ChunkingError(.notCanonical, "The nodes of a chunk list are not cut by the rules.")
            }
            self.list = list
            return
        }
        self.level = level - 1
        references = below
        var seen: Set<Bytes32> = []
        wanted = below.map(\.hash).filter { known[$0] == nil && seen.insert($0).inserted }
    }
}
