import Chunking
import CLinux
import Glibc
import SeededRandom
import SyncModel
import Testing

@testable import LocalFileSystem

@Suite struct StageTests {
    let fixture: FolderFixture
    let bytes: [UInt8]
    let list: ChunkList

    init() throws {
        fixture = try FolderFixture()
        var random = SeededGenerator(seed: 5)
        var bytes = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes += [UInt8](repeating: 0, count: 400_000)
        self.bytes = bytes
        list = ChunkListBuilder.list(of: bytes)
    }

    private var stage: Stage { fixture.stage }

    /// Offset and bytes of every chunk.
    private var chunks: [(chunk: ChunkReference, offset: UInt64, bytes: [UInt8])] {
        var offset = 0
        return list.map { chunk in
            defer { offset += Int(chunk.length) }
            return (chunk, UInt64(offset), Array(bytes[offset..<(offset + Int(chunk.length))]))
        }
    }

    private func write(_ indices: [Int], to file: PartialFile) throws {
        let chunks = chunks
        for index in indices {
            try file.write(chunks[index].bytes, chunk: chunks[index].chunk, at: chunks[index].offset)
        }
    }

    private func staged() throws -> [UInt8]? {
        try stage.open(list.content).map { try FolderRoot.read($0, at: 0, count: bytes.count + 1) }
    }

    @Test func chunksInAnyOrderMakeTheContent() throws {
        let file = try stage.begin(list.content)
        for part in chunks.reversed() { try file.write(part.bytes, chunk: part.chunk, at: part.offset) }
        #expect(!stage.contains(list.content))
        try file.complete()
        #expect(stage.contains(list.content))
        #expect(try staged() == bytes)
        #expect(try stage.verify(list.content, chunks: Array(list)))
    }

    @Test func zerosBecomeHoles() throws {
        let file = try stage.begin(list.content)
        for part in chunks { try file.write(part.bytes, chunk: part.chunk, at: part.offset) }
        try file.complete()
        let item = try #require(try stage.items().first)
        // The chunk in which the zeros begin is no hole.
        #expect(item.isWhole && item.occupiedBytes <= UInt64(bytes.count - Limits.chunkGreatest))
    }

    @Test func wrongBytesAreRefused() throws {
        let file = try stage.begin(list.content)
        let part = chunks[0]
        var wrong = part.bytes
        wrong[0] ^= 1
        let refused = FileSystemError(.wrongContent, "")
        #expect(throws: refused) { try file.write(wrong, chunk: part.chunk, at: 0) }
        #expect(throws: refused) { try file.write(Array(part.bytes.dropLast()), chunk: part.chunk, at: 0) }
        #expect(throws: refused) { try file.write(part.bytes, chunk: part.chunk, at: list.size) }
        #expect(throws: refused) { try file.write(part.bytes, chunk: part.chunk, at: .max) }
        for part in chunks.dropLast() { try file.write(part.bytes, chunk: part.chunk, at: part.offset) }
        #expect(throws: refused) { try file.complete() }
        #expect(!stage.contains(list.content))
    }

    @Test func aCutFetchGoesOnWithWhatIsThere() throws {
        let half = chunks.indices.filter { $0 % 2 == 0 }
        do {
            let file = try stage.begin(list.content)
            try write(half, to: file)
        }
        let file = try stage.begin(list.content)
        #expect(throws: FileSystemError(.wrongContent, "")) { try file.complete() }
        let missing = try file.verify(chunks: Array(list))
        // A hole that was never written is as good as one that was.
        let isZero = chunks.map { $0.bytes.allSatisfy { $0 == 0 } }
        #expect(missing == chunks.indices.filter { !half.contains($0) && !isZero[$0] })
        try write(missing, to: file)
        try file.complete()
        #expect(try staged() == bytes)
    }

    @Test func localChunksAreCopiedAndChecked() throws {
        var other = Array("in front".utf8) + bytes
        try fixture.directory.write(fixture.own("source"), bytes: other)
        let source = try fixture.folder.root.open(path("source")).file
        let file = try stage.begin(list.content)
        let good = try file.copy(from: source, at: 8, chunks: Array(list), to: 0)
        #expect(good.allSatisfy { $0 })
        try file.complete()
        #expect(try staged() == bytes)
        try stage.remove(list.content)
        other[20] ^= 1
        try fixture.directory.write(fixture.own("source"), bytes: other)
        let changed = try fixture.folder.root.open(path("source")).file
        let second = try stage.begin(list.content)
        #expect(try second.copy(from: changed, at: 8, chunks: Array(list), to: 0).filter { !$0 }.count == 1)
        #expect(throws: FileSystemError(.wrongContent, "")) { try second.complete() }
        #expect(throws: FileSystemError(.wrongContent, "")) {
            try second.copy(from: changed, at: 0, chunks: Array(list), to: 1)
        }
    }

    @Test func aTornContentIsFoundAndRemoved() throws {
        try stage.store(bytes, as: list.content)
        let full = fixture.path + "/.lanyard/stage/\(list.content.hash).\(list.size)"
        let file = open(full, O_WRONLY | O_CLOEXEC)
        _ = pwrite(file, "?", 1, 1_000)
        close(file)
        #expect(try !stage.verify(list.content, chunks: Array(list)))
        #expect(!stage.contains(list.content))
        #expect(try !stage.verify(list.content, chunks: Array(list)))
    }

    @Test func whatNobodyNeedsIsPrunedButNoSwap() throws {
        let wanted = ApplyCase.content("wanted")
        try stage.store(Array("wanted".utf8), as: wanted)
        try stage.store(Array("not".utf8), as: ApplyCase.content("not"))
        _ = try stage.begin(list.content)
        try fixture.write(".lanyard/stage/swap.0.1.2", "a user's")
        try stage.prune { $0 == wanted }
        #expect(try stage.items().map(\.content) == [wanted])
        #expect(try fixture.leftovers() == ["swap.0.1.2"])
    }

    @Test func anEmptyContentIsWholeAtOnce() throws {
        let empty = ChunkList.empty.content
        try stage.begin(empty).complete()
        #expect(stage.contains(empty))
    }

    @Test func moreThanThereIsRoomForIsRefused() throws {
        #expect(throws: FileSystemError(.diskFull, "")) { try stage.requireRoom(bytes: .max / 2) }
        let content = FileContent(size: 1 << 60, hash: list.content.hash)
        #expect(throws: FileSystemError(.diskFull, "")) { try stage.begin(content) }
        #expect(try stage.items().isEmpty)
    }

    @Test func namesAreReadAsTheyAreWritten() throws {
        let swap = SwapName(made: 12, path: .max, unique: 3)
        for name in [StageName.whole(list.content), .partial(list.content), .swap(swap)] {
            #expect(StageName(name.bytes) == name)
        }
        for name in ["", "swap.1.2", "swap.x.1.2", "abc.1", "new.1"] { #expect(StageName(Array(name.utf8)) == nil) }
    }

    @Test(arguments: 0..<20) func rangesAreASet(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ranges = ByteRanges()
        var naive = Set<UInt64>()
        for _ in 0..<40 {
            let start = UInt64.random(in: 0..<100, using: &random)
            let added = start..<(start + UInt64.random(in: 0..<12, using: &random))
            ranges.insert(added)
            naive.formUnion(added)
            #expect(Set(ranges.ranges.flatMap { $0 }) == naive)
            let isApart = zip(ranges.ranges, ranges.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
            #expect(isApart)
            let reach = (0...112).first { !naive.contains($0) } ?? 0
            #expect(ranges.covers(reach) && !ranges.covers(reach + 1))
        }
    }
}
