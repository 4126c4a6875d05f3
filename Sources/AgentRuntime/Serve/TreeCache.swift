internal import Chunking
internal import SyncModel

/// The chunk list's tree that was asked for last: one reader asks for many nodes of one tree.
struct TreeCache {
    private var content: FileContent?
    private var nodes: [Bytes32: ChunkNode] = [:]

    /// The node of this hash in the tree of `content`, whose chunks `load` gives.
    /// - Throws: What `load` throws.
    mutating func node<Failure>(
        _ hash: Bytes32, of content: FileContent, _ load: () throws(Failure) -> [ChunkReference]?
    ) throws(Failure) -> ChunkNode? {
        if self.content != content {
            guard let chunks = try load(), let list = try? ChunkList(chunks), let tree = ChunkTree(list) else {
                return nil
            }
            nodes = [:]
            for node in tree.nodes { nodes[node.hash] = node }
            self.content = content
        }
        return nodes[hash]
    }
}
