import SyncModel
import Testing

@testable import Chunking

@Suite struct ChunkTreeTests {
    /// From the second implementation: see `CutterTests`.
    @Test func vectorOfThreeLevels() throws {
        let list = try Samples.list(10_000)
        #expect(list.size == 131_915_000)
        let tree = try #require(ChunkTree(list))
        #expect(tree.levels.map(\.count) == [150, 4, 1])
        #expect(hexadecimal(list.contentHash) == "3264441ecace1ab295bd5808a863534a4f0137a6722ebf5d10908bd3d07692fc")
        #expect(tree.root.hash == list.contentHash.raw)
        #expect(tree.root.size == list.size)
    }

    @Test func shortListsHaveNoTree() {
        #expect(ChunkTree(.empty) == nil)
        #expect(ChunkTree(ChunkListBuilder.list(of: [1])) == nil)
    }

    @Test func nodesKeepTheirBounds() throws {
        let tree = try #require(ChunkTree(Samples.list(10_000)))
        for level in tree.levels {
            for node in level.dropLast() {
                #expect(node.count >= ChunkNode.leastEntries && node.count <= ChunkNode.greatestEntries)
            }
        }
        #expect(tree.levels[0].flatMap(\.bytes) == tree.list.packed)
        #expect(tree.root.children == tree.levels[1].map(\.reference))
    }

    @Test func repeatedChunksFillNodes() throws {
        let chunk = try Samples.list(1)[0]
        let tree = try #require(ChunkTree(ChunkList(Array(repeating: chunk, count: 600))))
        #expect(tree.levels.map { $0.map(\.count) } == [[256, 256, 88], [3]])
    }

    @Test func anEditChangesOneNodeALevel() throws {
        let old = try Samples.list(10_000)
        var chunks = Array(old)
        chunks[5_000] = ChunkReference(length: 9_999, hash: chunks[1].hash)
        let new = try #require(ChunkTree(ChunkList(chunks)))
        let known = Set(try #require(ChunkTree(old)).nodes.map(\.hash))
        let changed = new.nodes.filter { !known.contains($0.hash) }
        #expect(changed.count <= 5)
        #expect(changed.first == new.root)
    }

    @Test func nodesAreServedByHash() throws {
        let tree = try #require(ChunkTree(Samples.list(2_000)))
        for node in tree.nodes { #expect(tree.node(node.hash) == node) }
        #expect(tree.node(.zero) == nil)
    }

    @Test func receivedNodesAreVerified() throws {
        let tree = try #require(ChunkTree(Samples.list(2_000)))
        for node in tree.nodes {
            let read = try ChunkNode(verifying: node.bytes, level: node.level, reference: node.reference)
            #expect(read == node)
        }
        let node = tree.levels[0][0]
        func refusal(_ bytes: [UInt8], _ level: UInt8 = 0, _ reference: NodeReference) -> ChunkingError.Code? {
            do throws(ChunkingError) {
                _ = try ChunkNode(verifying: bytes, level: level, reference: reference)
                return nil
            } catch {
                return error.code
            }
        }
        var flipped = node.bytes
        flipped[40] ^= 1
        let larger = NodeReference(size: node.size + 1, hash: node.hash)
        #expect(refusal(flipped, 0, node.reference) == .wrongHash)
        #expect(refusal(node.bytes, 0, larger) == .wrongTotal)
        #expect(refusal(node.bytes, 1, node.reference) != nil)
        #expect(refusal(node.bytes + [0], 0, node.reference) == .partialEntry)
        #expect(refusal([], 0, node.reference) == .entryCount)
        #expect(refusal([UInt8](repeating: 0, count: 36 * 257), 0, node.reference) == .entryCount)
        #expect(refusal(node.bytes, 13, node.reference) == .tooDeep)
    }

    /// Hashes that are right do not excuse entries that are out of bounds.
    @Test func entriesOutOfBoundsAreRefused() {
        func refusal(_ entries: [[UInt8]], _ level: UInt8, _ size: UInt64) -> ChunkingError.Code? {
            let node = ChunkNode(trusted: entries.flatMap(\.self), level: level, size: size)
            do throws(ChunkingError) {
                _ = try ChunkNode(verifying: node.bytes, level: level, reference: node.reference)
                return nil
            } catch {
                return error.code
            }
        }
        func entry(_ fields: [UInt8]) -> [UInt8] { fields + [UInt8](repeating: 1, count: 32) }
        #expect(refusal([entry([0, 0, 32, 0]), entry([0, 0, 0, 1])], 0, 8_193) == nil)
        #expect(refusal([entry([0, 0, 31, 255]), entry([0, 0, 0, 1])], 0, 8_192) == .entryLength)
        #expect(refusal([entry([0, 0, 0, 0])], 0, 0) == .entryLength)
        #expect(refusal([entry([0, 2, 0, 1])], 0, 131_073) == .entryLength)
        #expect(refusal([entry([0, 0, 0, 0, 0, 2, 0, 0]), entry([0, 0, 0, 0, 0, 0, 0, 1])], 1, 131_073) == nil)
        let short = [entry([0, 0, 0, 0, 0, 1, 255, 255]), entry([0, 0, 0, 0, 0, 0, 0, 1])]
        #expect(refusal(short, 1, 131_072) == .entryLength)
        #expect(refusal([entry([255, 0, 0, 0, 0, 0, 0, 0])], 1, 255 << 56) == .entryLength)
    }
}
