import Cryptography
import SyncModel
import Testing

@testable import Chunking

@Suite struct ChunkListTests {
    @Test func shortFilesAreNamedByTheirBytes() {
        #expect(ChunkList.empty.contentHash == ContentHash(SHA256.hash([])))
        #expect(ChunkListBuilder.list(of: []) == .empty)
        let one = ChunkListBuilder.list(of: [7])
        #expect(one.content == FileContent(size: 1, hash: ContentHash(SHA256.hash([7]))))
        #expect(one.packed.count == ChunkList.entryBytes)
    }

    @Test func builderTakesOneFileAfterTheOther() {
        let bytes = Samples.random(200_000)
        let builder = ChunkListBuilder()
        for _ in 0..<2 {
            builder.update(bytes)
            #expect(builder.size == 200_000)
            #expect(builder.finish() == ChunkListBuilder.list(of: bytes))
        }
        builder.update(Array(bytes[..<50_000]))
        builder.reset()
        #expect(builder.size == 0)
        builder.update(bytes)
        #expect(builder.finish() == ChunkListBuilder.list(of: bytes))
    }

    @Test func packedRoundTrip() throws {
        let list = ChunkListBuilder.list(of: Samples.random(300_000))
        #expect(try ChunkList(packed: list.packed, size: list.size) == list)
        #expect(try ChunkList(Array(list)) == list)
        #expect(list.reduce(0) { $0 + UInt64($1.length) } == 300_000)
    }

    /// The kinds of failure, each made from a good list.
    @Test func hostilePackedBytes() throws {
        let list = try Samples.list(3)
        func refusal(_ packed: [UInt8], _ size: UInt64) -> ChunkingError.Code? {
            do throws(ChunkingError) {
                _ = try ChunkList(packed: packed, size: size)
                return nil
            } catch {
                return error.code
            }
        }
        func changed(_ index: Int, _ length: UInt32) -> [UInt8] {
            var packed = list.packed
            withUnsafeBytes(of: length.bigEndian) { packed.replaceSubrange(index * 36..<index * 36 + 4, with: $0) }
            return packed
        }
        #expect(refusal(list.packed, list.size) == nil)
        #expect(refusal(list.packed + [0], list.size) == .partialEntry)
        #expect(refusal(Array(list.packed.dropLast()), list.size) == .partialEntry)
        #expect(refusal(list.packed, list.size + 1) == .wrongTotal)
        #expect(refusal([], 1) == .wrongTotal)
        #expect(refusal([], 0) == nil)
        #expect(refusal(changed(0, 8_191), list.size - 1) == .entryLength)
        #expect(refusal(changed(0, 131_073), list.size + 131_073 - 8_192) == .entryLength)
        #expect(refusal(changed(1, .max), list.size) == .entryLength)
        #expect(refusal(changed(2, 0), list.size - 8_194) == .entryLength)
        #expect(refusal(changed(2, 1), list.size - 8_193) == nil)
    }

    @Test func runsOfAnEditInTheMiddle() {
        let old = Samples.random(1 << 20)
        var new = old
        new[500_000] ^= 1
        let before = ChunkListBuilder.list(of: old)
        let after = ChunkListBuilder.list(of: new)
        let runs = after.runs(reusing: before)
        #expect(runs.count == 3)
        #expect(runs.map { $0.source == .new } == [false, true, false])
        #expect(runs[0].source == .old(offset: 0))
        #expect(runs[2].source == .old(offset: runs[2].offset))
        #expect(runs.reduce(0) { $0 + $1.size } == after.size)
    }

    @Test func runsRebuildTheNewFile() {
        let old = Samples.random(1 << 20)
        let new = Array(old[600_000...]) + Samples.random(100_000, seed: 4) + Array(old[..<700_000])
        let list = ChunkListBuilder.list(of: new)
        var built: [UInt8] = []
        var chunks = 0
        for run in list.runs(reusing: ChunkListBuilder.list(of: old)) {
            #expect(run.offset == UInt64(built.count) && run.chunks.lowerBound == chunks)
            let start: Int
            switch run.source {
            case .new:
                start = Int(run.offset)
                built += new[start..<(start + Int(run.size))]
            case .old(let offset):
                start = Int(offset)
                built += old[start..<(start + Int(run.size))]
            }
            chunks = run.chunks.upperBound
        }
        #expect(built == new)
        #expect(chunks == list.count)
    }

    @Test func runsOfRepeatedChunksGoOn() {
        let zeros = ChunkListBuilder.list(of: [UInt8](repeating: 0, count: 1 << 20))
        #expect(zeros.runs(reusing: zeros).count == 1)
        #expect(zeros.runs(reusing: .empty).map(\.source) == [.new])
        #expect(ChunkList.empty.runs(reusing: zeros).isEmpty)
    }
}
