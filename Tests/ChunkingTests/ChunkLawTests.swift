import Cryptography
import SyncModel
import Testing

@testable import Chunking

/// Files, their chunk lists and trees, by seed; and by a second implementation written from the format page.
@Suite struct ChunkLawTests {
    /// A file of repeated, zero and random parts, as real ones are.
    private static func file(_ seed: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        let dice = Samples.random(64, seed: seed &* 77 &+ 1)
        for index in 0..<Int(dice[0] % 6) {
            let count = Int(dice[index * 2 + 1]) * 613
            switch dice[index * 2 + 2] % 3 {
            case 0: bytes += [UInt8](repeating: dice[index], count: count)
            case 1: bytes += Samples.random(count, seed: UInt64(dice[index] % 4) + 1)
            default: bytes += bytes.prefix(count)
            }
        }
        return bytes
    }

    @Test(
        arguments: [
            (
                Samples.random(400_000, seed: 2),
                [18_990, 44_684, 33_395, 36_308, 9_957, 38_019, 44_436, 41_446, 48_304, 36_343, 47_187, 931],
                "c80c0023118b0b8b5f01456218ccae8b116467088b3f8da8fab86b46794f0061"
            ),
            (
                Samples.random(700_001, seed: 12_345),
                [
                    44_770, 34_410, 35_773, 10_931, 38_181, 36_678, 33_622, 41_549, 34_283, 38_543, 34_020, 36_273,
                    40_387, 33_181, 37_913, 62_979, 33_957, 36_681, 35_870,
                ], "8e8c0698fb2ca29cebb9491c0ba6fc2e8b41293c3914b0e958e300da0c15b350"
            ),
            (
                Samples.random(8_193, seed: 99), [8_193],
                "45536f9ea4543f72234ddfb6f33c880d2e81cdbebdd9af2229fe37f0efa83c79"
            ),
            (
                Samples.random(100_000, seed: 5) + [UInt8](repeating: 0, count: 200_000)
                    + Samples.random(100_000, seed: 5),
                [35_308, 23_692, 37_465, 131_072, 84_345, 39_778, 11_969, 32_836, 3_535],
                "c0f6b316df1637b24f5fb3c89cba6be0bba3f495cfe52a32f79d86a1d1b4a977"
            ),
            (
                (0..<150_000).map { UInt8(truncatingIfNeeded: $0 * 7) }, [131_072, 18_928],
                "cba180f6b50a42fa540958e9b7e25a16ff61e177bcae1052652fe74589c01742"
            ),
        ] as [([UInt8], [UInt32], String)])
    func vectors(bytes: [UInt8], lengths: [UInt32], hash: String) {
        let list = ChunkListBuilder.list(of: bytes)
        #expect(list.map(\.length) == lengths)
        #expect(hexadecimal(list.contentHash) == hash)
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func chunksAreTheFile(seed: UInt64) {
        let bytes = Self.file(seed)
        let list = ChunkListBuilder.list(of: bytes)
        #expect(list.size == UInt64(bytes.count))
        var start = 0
        for (index, chunk) in list.enumerated() {
            let end = start + Int(chunk.length)
            guard end <= bytes.count else {
                Issue.record("chunk \(index) ends at \(end) of \(bytes.count)")
                return
            }
            #expect(chunk.hash == SHA256.hash(Array(bytes[start..<end])))
            #expect(chunk.length <= UInt32(Limits.chunkGreatest))
            if index < list.count - 1 { #expect(chunk.length >= UInt32(Limits.chunkLeast)) }
            start = end
        }
        #expect(start == bytes.count)
        #expect(Samples.list(of: bytes, in: [Int(seed) * 97 + 1, 65_536]) == list)
    }

    /// Where a chunk ends depends on the chunk alone: a file that begins at a cut has the same chunks from there on.
    @Test(arguments: 0..<12 as Range<UInt64>) func aFileFromACutOnHasTheSameChunks(seed: UInt64) {
        let bytes = Self.file(seed)
        let list = ChunkListBuilder.list(of: bytes)
        var start = 0
        for (index, chunk) in list.enumerated() {
            #expect(Array(ChunkListBuilder.list(of: Array(bytes[start...]))) == Array(list[index...]))
            start += Int(chunk.length)
            if index > 4 { return }
        }
    }

    /// Runs cover the new file once and in order, and what they take from the old one is there.
    @Test(arguments: 0..<24 as Range<UInt64>) func runsRebuildAnyFile(seed: UInt64) {
        let (old, new) = (Self.file(seed), Self.file(seed + 1) + Self.file(seed))
        let (before, after) = (ChunkListBuilder.list(of: old), ChunkListBuilder.list(of: new))
        let runs = after.runs(reusing: before)
        var built: [UInt8] = []
        var chunks = 0
        for run in runs {
            #expect(run.offset == UInt64(built.count) && run.chunks.lowerBound == chunks && !run.chunks.isEmpty)
            #expect(run.size == after[run.chunks].reduce(0) { $0 + UInt64($1.length) })
            let (source, start) =
                switch run.source {
                case .new: (new, Int(run.offset))
                case .old(let offset): (old, Int(offset))
                }
            let end = start + Int(run.size)
            guard end <= source.count else {
                Issue.record("a run ends beyond its file")
                return
            }
            built += source[start..<end]
            chunks = run.chunks.upperBound
        }
        #expect(built == new && chunks == after.count)
        // What the old file has is never fetched, and neighbours of one kind are one run.
        let had = Set(before)
        for run in runs where run.source == .new { #expect(after[run.chunks].allSatisfy { !had.contains($0) }) }
        for (left, right) in zip(runs, runs.dropFirst()) { #expect(left.source != .new || right.source != .new) }
    }

    @Test(arguments: [2, 15, 16, 17, 255, 256, 257, 1_000, 5_000]) func treesAreTheirLists(count: Int) throws {
        let list = try Samples.list(count)
        let tree = try #require(ChunkTree(list))
        #expect(tree.levels[0].flatMap(\.bytes) == list.packed)
        #expect(tree.root.size == list.size && tree.root.hash == list.contentHash.raw)
        for (level, nodes) in tree.levels.enumerated() {
            #expect(nodes.allSatisfy { Int($0.level) == level })
            #expect(nodes.reduce(0) { $0 + $1.size } == list.size)
            if level > 0 { #expect(nodes.flatMap(\.children) == tree.levels[level - 1].map(\.reference)) }
        }
        #expect(tree.levels.last?.count == 1 && tree.levels.dropLast().allSatisfy { $0.count > 1 })
    }

    /// A content is its list: any change of one entry gives another hash.
    @Test func everyEntryCounts() throws {
        let chunks = Array(try Samples.list(300))
        let hash = try ChunkList(chunks).contentHash
        for index in stride(from: 0, to: chunks.count, by: 7) {
            var changed = chunks
            changed[index] = ChunkReference(length: chunks[index].length + 1, hash: chunks[index].hash)
            #expect(try ChunkList(changed).contentHash != hash)
            changed[index] = ChunkReference(length: chunks[index].length, hash: .zero)
            #expect(try ChunkList(changed).contentHash != hash)
            changed = chunks
            changed.swapAt(index, (index + 1) % chunks.count)
            #expect(try ChunkList(changed).contentHash != hash)
        }
        #expect(try ChunkList(chunks.dropLast()).contentHash != hash)
    }

    /// Whatever a peer sends for a node, it is the node or an error, and the reader goes on.
    @Test func damagedNodesAreRefusedAndAskedForAgain() throws {
        let tree = try #require(ChunkTree(Samples.list(1_500)))
        var reader = ChunkTreeReader(tree.list.content)
        let dice = Samples.random(4_096, seed: 31)
        var turn = 0
        func next(_ bound: Int) -> Int {
            turn += 1
            return (Int(dice[turn * 2 % 4_094]) << 8 | Int(dice[turn * 2 % 4_094 + 1])) % bound
        }
        while reader.list == nil {
            let hash = try #require(reader.wanted.first)
            let node = try #require(tree.node(hash))
            for damage in 0..<6 {
                var (bytes, level) = (node.bytes, node.level)
                switch damage {
                case 0: bytes[next(bytes.count)] ^= UInt8(1 << next(8))
                case 1: bytes.removeLast(next(bytes.count) + 1)
                case 2: bytes += [0]
                case 3: bytes = Array(bytes.reversed())
                case 4: level = level == 0 ? 1 : level - 1
                default: level = UInt8(13 + next(200))
                }
                let wanted = reader.wanted
                #expect(throws: ChunkingError.self) { try reader.receive(bytes, level: level, hash: hash) }
                #expect(reader.wanted == wanted && reader.list == nil)
            }
            try reader.receive(node.bytes, level: node.level, hash: hash)
        }
        #expect(reader.list == tree.list)
        #expect(throws: ChunkingError(.unexpectedNode, "")) {
            try reader.receive(tree.root.bytes, level: tree.root.level, hash: tree.root.hash)
        }
    }

    /// A content of another size than its root covers is refused at the root.
    @Test(arguments: [-1, 1, 1_000]) func aSizeIsPartOfTheContent(difference: Int) throws {
        let tree = try #require(ChunkTree(Samples.list(400)))
        let size = UInt64(Int(tree.list.size) + difference)
        var reader = ChunkTreeReader(FileContent(size: size, hash: tree.list.contentHash))
        #expect(throws: ChunkingError(.wrongTotal, "")) {
            try reader.receive(tree.root.bytes, level: tree.root.level, hash: tree.root.hash)
        }
        #expect(reader.list == nil)
        // Nor does a similar file's tree that has the root stand in for it.
        let similar = ChunkTreeReader(FileContent(size: size, hash: tree.list.contentHash), similar: tree)
        #expect(similar.list == nil)
        // Nor does a node within it.
        let leaf = tree.levels[0][1]
        let within = ChunkTreeReader(FileContent(size: leaf.size, hash: ContentHash(leaf.hash)), similar: tree)
        #expect(within.list == nil && within.wanted == [leaf.hash])
    }

    /// Random bytes as a packed list: taken only if every rule holds, and then they come back.
    @Test func anyPackedBytesAreJudged() throws {
        let good = try Samples.list(5)
        let dice = Samples.random(6_000, seed: 8)
        var taken = 0
        for turn in 0..<1_000 {
            var packed = good.packed
            packed[Int(dice[turn * 3]) % packed.count] ^= dice[turn * 3 + 1]
            let list = try? ChunkList(packed: packed, size: good.size)
            let lengths = (0..<5).map { packed[($0 * 36)..<($0 * 36 + 4)].reduce(0) { $0 << 8 | UInt64($1) } }
            let isSound =
                lengths.dropLast().allSatisfy { (8_192...131_072).contains($0) }
                && (1...131_072).contains(lengths[4]) && lengths.reduce(0, +) == good.size
            #expect((list != nil) == isSound)
            if list != nil { taken += 1 }
            if let list { #expect(list.packed == packed) }
        }
        #expect(taken > 0 && taken < 1_000)
    }
}
