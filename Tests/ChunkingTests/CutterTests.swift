import SyncModel
import Testing

@testable import Chunking

/// The expected values come from a second implementation, one byte a step, written from the format page alone.
@Suite struct CutterTests {
    @Test func gearTable() {
        #expect(Gear.table.count == 256)
        #expect(Gear.table[0] == 0x1c1d_8827_44fe_542e)
        #expect(Gear.table[255] == 0x015d_e0e7_2f87_87a0)
        #expect(Gear.strictMask.nonzeroBitCount == 17)
        #expect(Gear.laxMask.nonzeroBitCount == 13)
        #expect(Gear.strictMask & Gear.laxMask == Gear.laxMask)
        #expect(Gear.strictMask >> 63 == 0)
    }

    @Test func randomVector() {
        let list = ChunkListBuilder.list(of: Samples.random(1 << 20))
        #expect(
            list.map(\.length) == [
                25_088, 41_160, 36_139, 33_554, 51_590, 37_446, 21_808, 53_748, 11_105, 35_448, 32_851, 30_066, 26_536,
                16_063, 48_606, 13_453, 36_743, 36_137, 40_647, 38_156, 34_424, 34_726, 37_109, 28_829, 46_472, 49_990,
                39_468, 35_394, 40_642, 35_178,
            ])
        #expect(hexadecimal(list.contentHash) == "c5353172f51e88b63badc04547aabedace934f468c6eb69913ee8b0aa2357c35")
    }

    @Test func repetitiveVectors() {
        let zeros = ChunkListBuilder.list(of: [UInt8](repeating: 0, count: 300_000))
        #expect(zeros.map(\.length) == [131_072, 131_072, 37_856])
        #expect(hexadecimal(zeros.contentHash) == "c9adf346e61299d1bda0ad5defe967d9c37bb7f8a4b11508ea023ac93bf9f9b4")
        let sentence = Array("The quick brown fox jumps over the lazy dog. ".utf8)
        let text = ChunkListBuilder.list(of: Array(repeatElement(sentence, count: 8_000).joined()))
        #expect(text.map(\.length) == [131_072, 131_072, 97_856])
        #expect(hexadecimal(text.contentHash) == "2e3f84e632fb29403092dfc0e240d562ee058698c691733164bc2329a8c7b1d6")
    }

    @Test(arguments: [[1], [7], [64, 1], [8_191, 1, 2], [8_192], [32_767, 3], [131_072], [1 << 20], [100_003]])
    func feedingDoesNotMatter(sizes: [Int]) {
        let bytes = Samples.random(700_001, seed: 3)
        #expect(Samples.list(of: bytes, in: sizes) == ChunkListBuilder.list(of: bytes))
    }

    @Test func lengthsKeepTheirBounds() {
        let list = ChunkListBuilder.list(of: Samples.random(4 << 20, seed: 9))
        for chunk in list.dropLast() {
            #expect(chunk.length >= UInt32(Limits.chunkLeast) && chunk.length <= UInt32(Limits.chunkGreatest))
        }
        let mean = (4 << 20) / list.count
        #expect(mean > Limits.chunkTarget * 3 / 4 && mean < Limits.chunkTarget * 3 / 2)
    }

    @Test(arguments: [0, 1, 17, 4_096, 100_000])
    func insertionChangesFewChunks(count: Int) {
        let old = Samples.random(4 << 20, seed: 5)
        let inserted = Samples.random(count, seed: 77)
        let before = Set(ChunkListBuilder.list(of: old))
        let front = ChunkListBuilder.list(of: inserted + old).filter { !before.contains($0) }
        #expect(front.count <= 8 + count / Limits.chunkLeast)
        let middle = old[..<2_000_000] + inserted + old[2_000_000...]
        #expect(ChunkListBuilder.list(of: Array(middle)).filter { !before.contains($0) }.count <= 8 + count / 8_192)
    }

    @Test func exactLimits() {
        let zeros = [UInt8](repeating: 0, count: Limits.chunkGreatest)
        #expect(ChunkListBuilder.list(of: zeros).count == 1)
        #expect(ChunkListBuilder.list(of: zeros + [0]).map(\.length) == [131_072, 1])
        #expect(ChunkListBuilder.list(of: Array(zeros.dropLast())).count == 1)
        let random = Samples.random(1 << 20)
        #expect(ChunkListBuilder.list(of: Array(random[..<25_088])).count == 1)
        #expect(ChunkListBuilder.list(of: Array(random[..<25_089])).map(\.length) == [25_088, 1])
        #expect(ChunkListBuilder.list(of: Array(random[..<25_087])).count == 1)
    }

    @Test func everyShortFileIsOneChunk() {
        let random = Samples.random(Limits.chunkLeast, seed: 21)
        for count in stride(from: 1, through: Limits.chunkLeast, by: 331) {
            #expect(ChunkListBuilder.list(of: Array(random[..<count])).count == 1)
        }
    }
}
