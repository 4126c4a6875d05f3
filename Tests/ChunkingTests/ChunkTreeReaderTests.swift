import SyncModel
import Testing

@testable import Chunking

@Suite struct ChunkTreeReaderTests {
    /// Answers every request from `tree`; returns how many nodes were asked for.
    private func read(_ reader: inout ChunkTreeReader, from tree: ChunkTree) throws -> Int {
        var asked = 0
        while reader.list == nil {
            let wanted = reader.wanted
            #expect(!wanted.isEmpty && Set(wanted).count == wanted.count)
            for hash in wanted.reversed() {
                let node = try #require(tree.node(hash))
                try reader.receive(node.bytes, level: node.level, hash: hash)
                asked += 1
            }
        }
        return asked
    }

    @Test(arguments: [2, 16, 300, 3_000])
    func readsAWholeTree(count: Int) throws {
        let tree = try #require(ChunkTree(Samples.list(count)))
        var reader = ChunkTreeReader(tree.list.content)
        let asked = try read(&reader, from: tree)
        #expect(reader.list == tree.list)
        #expect(asked == Array(tree.nodes).count)
    }

    @Test func reusesTheNodesOfASimilarList() throws {
        let old = try Samples.list(3_000)
        let new = try #require(ChunkTree(ChunkList(Array(old[..<1_000]) + Array(old[1_001...]))))
        var reader = ChunkTreeReader(new.list.content, similar: ChunkTree(old))
        let asked = try read(&reader, from: new)
        #expect(asked <= 4)
        #expect(reader.list == new.list)
        let same = ChunkTreeReader(old.content, similar: ChunkTree(old))
        #expect(same.list == old && same.wanted.isEmpty)
    }

    @Test func asksForARepeatedNodeOnce() throws {
        let chunk = try Samples.list(1)[0]
        let tree = try #require(ChunkTree(ChunkList(Array(repeating: chunk, count: 256 * 20))))
        var reader = ChunkTreeReader(tree.list.content)
        let asked = try read(&reader, from: tree)
        #expect(asked == 2)
        #expect(reader.list == tree.list)
    }

    @Test func refusesWhatWasNotAskedFor() throws {
        let tree = try #require(ChunkTree(Samples.list(3_000)))
        var reader = ChunkTreeReader(tree.list.content)
        let leaf = tree.levels[0][0]
        #expect(throws: ChunkingError.self) { try reader.receive(leaf.bytes, level: 0, hash: leaf.hash) }
        #expect(throws: ChunkingError.self) { try reader.receive(leaf.bytes, level: 0, hash: tree.root.hash) }
        #expect(reader.wanted == [tree.root.hash])
        try reader.receive(tree.root.bytes, level: tree.root.level, hash: tree.root.hash)
        let child = tree.levels[1][0]
        #expect(throws: ChunkingError.self) { try reader.receive(child.bytes, level: 0, hash: child.hash) }
        #expect(throws: ChunkingError.self) {
            try reader.receive(Array(child.bytes.dropLast(40)), level: 1, hash: child.hash)
        }
        _ = try read(&reader, from: tree)
        #expect(reader.list == tree.list)
    }

    /// A list whose nodes end where the rules do not end them has another hash than the same list cut by the rules:
    /// it would never compare equal to what its bytes are.
    @Test func refusesNodesCutAgainstTheRules() throws {
        let list = try Samples.list(100)
        let node = ChunkNode(trusted: list.packed, level: 0, size: list.size)
        var reader = ChunkTreeReader(FileContent(size: list.size, hash: ContentHash(node.hash)))
        #expect(throws: ChunkingError.self) { try reader.receive(node.bytes, level: 0, hash: node.hash) }
        #expect(reader.list == nil)
    }
}
