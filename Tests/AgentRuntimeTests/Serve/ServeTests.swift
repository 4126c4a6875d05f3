import AgentProcesses
import Chunking
import Glibc
import LocalFileSystem
import SQLiteIndex
import SeededRandom
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// What a peer is answered when what it asks for is not there, not the same any more, or not to be had.
@Suite struct ServeTests {
    /// However many ask, and for how much.
    @Test func searchesOfHistoryAreBounded() {
        var searches = HistorySearches()
        let minute: UInt64 = 60_000_000_000
        #expect(searches.begin(at: minute) == Limits.historyReadBytes)
        searches.end(leaving: 5)
        for _ in 1..<Limits.historySearches { #expect(searches.begin(at: minute + 1) == 5) }
        #expect(searches.begin(at: 2 * minute - 1) == nil)
        #expect(searches.begin(at: 2 * minute) == Limits.historyReadBytes)
    }

    private func withPair(_ body: (Node, Node, LinkPair) throws -> Void) throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        try body(near, far, try LinkPair(near, far))
    }

    /// Asks on the engine's own account; the code of the refusal.
    private func refusal(_ near: Node, _ pair: LinkPair, _ number: UInt32, _ message: Message) throws -> RequestFailure
    {
        pair.near.send(message)
        return try near.recorder(pair.near).wait { state in
            state.messages.compactMap { message -> RequestFailure? in
                guard case .requestFailed(let failed) = message, failed.request == number else { return nil }
                return failed.code
            }.first
        }
    }

    private func request(_ number: UInt32, _ path: String, _ content: FileContent) throws -> Message {
        .contentRequest(
            ContentRequest(
                request: number, folder: folderA, path: try RelativePath(path), content: content, offset: 0,
                length: UInt32(content.size), priority: .normal))
    }

    /// What may become of a file between its announcement and a request for it.
    enum Fate: CaseIterable { case rewritten, touched, deleted, replaced, linked, directory, fifo, parentLinked }

    @Test(arguments: Fate.allCases) func aFileThatIsNotTheSameIsNotServed(fate: Fate) throws {
        try withPair { near, far, pair in
            let bytes = Array("what was announced".utf8)
            let content = try far.add("d/f", bytes)
            let path = far.path + "/d/f"
            let outside = far.directory.path + "/outside"
            switch fate {
            case .rewritten: try Files.write(path, "what was announceD")
            case .touched: try Files.touch(path, seconds: 5, nanoseconds: 0)
            case .deleted: try Files.remove(path)
            case .replaced:
                try Files.write(path + ".new", bytes)
                try Files.move(path + ".new", path)
            case .linked:
                try Files.move(path, outside)
                try Files.link(path, to: outside)
            case .directory:
                try Files.remove(path)
                try Files.make(path)
            case .fifo:
                try Files.remove(path)
                try #require(mkfifo(path, 0o600) == 0)
            case .parentLinked:
                try Files.move(far.path + "/d", outside)
                try Files.link(far.path + "/d", to: outside)
            }
            let code = try refusal(near, pair, 1, try request(1, "d/f", content))
            #expect(code == .changed || (fate == .parentLinked && code == .unreadable), "\(code)")
            // Another file of that content is as good.
            try far.add("copy", bytes)
            #expect(try near.fetch(near.order(content, "d/f", from: [far])) == .success(bytes))
        }
    }

    @Test func whatNobodyEverHadIsNotFound() throws {
        try withPair { near, far, pair in
            try far.add("f", [1, 2, 3])
            let other = ChunkListBuilder.list(of: [4, 5]).content
            #expect(try refusal(near, pair, 1, try request(1, "f", other)) == .notFound)
            #expect(try refusal(near, pair, 2, try request(2, "none", other)) == .notFound)
            // What is only in the stage is served from there.
            try far.stage.store([4, 5], as: other)
            #expect(try near.fetch(near.order(other, "f", from: [far])) == .success([4, 5]))
        }
    }

    @Test func partsOfAChunkListAreGivenWithinItsBounds() throws {
        try withPair { near, far, pair in
            var generator = SeededGenerator(seed: 2)
            let bytes = generator.bytes(900_000)
            let content = try far.add("f", bytes)
            let list = Array(ChunkListBuilder.list(of: bytes))
            func ask(_ number: UInt32, _ part: ChunkListRequest.Part) throws -> Message {
                .chunkListRequest(
                    ChunkListRequest(
                        request: number, folder: folderA, path: try RelativePath("f"), content: content, part: part))
            }
            let take = Monitor([ChunkListData.Part]())
            let total = UInt64(list.count)
            for first in [0, 1, total - 1] {
                let before = take.withLock { $0.count }
                let number = pair.near.ask(
                    bytes: 0,
                    { number in
                        .chunkListRequest(
                            ChunkListRequest(
                                request: number, folder: folderA, path: content.anyPath, content: content,
                                part: .flat(first: first)))
                    },
                    { answer in
                        if case .chunkList(let data) = answer { take.announce { $0.append(data.part) } }
                    })
                #expect(number != nil)
                let part = try #require(take.wait(until: patience()) { $0.count > before ? $0[before] : nil })
                #expect(part == .flat(first: first, total: total, Array(list[Int(first)...])))
            }
            #expect(try refusal(near, pair, 7, try ask(7, .flat(first: total + 1))) == .refused)
            #expect(try refusal(near, pair, 8, try ask(8, .node(.zero))) == .notFound)
        }
    }

    @Test func aFolderWhoseReadersAreClosedIsUnreadable() throws {
        try withPair { near, far, pair in
            let content = try far.add("f", [1])
            far.services.close()
            for (number, message) in [
                (
                    1,
                    .bucketRequest(
                        BucketRequest(request: 1, folder: folderA, domain: .live, bucket: 0, after: nil))
                ),
                (
                    2,
                    .everHeldQuery(
                        EverHeldQuery(
                            request: 2, folder: folderA, items: [.init(path: content.anyPath, content: content)]))
                ),
            ] as [(UInt32, Message)] {
                #expect(try refusal(near, pair, number, message) == .unreadable)
            }
            #expect(pair.near.connection.isOpen && pair.far.connection.isOpen)
        }
    }

    @Test func tombstonesArePagedByTheirOwn() throws {
        try withPair { near, far, pair in
            try far.add("live", [1])
            try far.bury(try RelativePath("dead"))
            let bucket = UInt8(RecordDigest.bucket(of: try RelativePath("dead")))
            let hash = Bytes16(ofPath: try RelativePath("dead"))
            for (number, after, count) in [(1, nil, 1), (2, hash, 0)] as [(UInt32, Bytes16?, Int)] {
                pair.near.send(
                    .bucketRequest(
                        BucketRequest(
                            request: number, folder: folderA, domain: .tombstones, bucket: bucket, after: after)))
                let listing = try near.recorder(pair.near).wait { state -> BucketListing? in
                    state.messages.compactMap { message -> BucketListing? in
                        guard case .bucketListing(let listing) = message, listing.request == number else { return nil }
                        return listing
                    }.first
                }
                #expect(listing.items.map(\.pathHash) == (count == 1 ? [hash] : []))
                #expect(listing.last)
            }
        }
    }

    /// Requests of a stream that is not this log's get nothing, and those of the right one everything.
    @Test func aStreamOfAnotherEpochStaysEmpty() throws {
        try withPair { near, far, pair in
            try far.add("f", [1])
            let recorder = try near.recorder(pair.near)
            func follow(_ stream: UInt32, _ epoch: IndexEpoch, _ after: IndexSequence, _ inline: UInt32) {
                pair.near.send(
                    .indexRequest(
                        IndexRequest(
                            folder: folderA, stream: stream, epoch: epoch, after: after, inlineLimit: inline,
                            creditBytes: 100_000)))
            }
            follow(1, IndexEpoch(far.index.status.epoch.number ^ 1), 0, 32_768)
            // The server takes one after the other: an answer to a later question tells that the stream was looked at.
            let none = ChunkListBuilder.list(of: [9]).content
            pair.near.send(
                .everHeldQuery(
                    EverHeldQuery(request: 3, folder: folderA, items: [.init(path: none.anyPath, content: none)])))
            _ = try recorder.wait {
                $0.messages.contains { if case .everHeldAnswer = $0 { true } else { false } } ? 1 : nil
            }
            #expect(recorder.monitor.withLock { $0.batches.isEmpty })
            follow(2, far.index.status.epoch, 0, 0)
            let state = try recorder.wait { $0.batches.isEmpty ? nil : $0 }
            #expect(state.batches[0].batch.entries.count == 1)
            #expect(state.batches[0].inline.isEmpty)
            // Beyond the log's end there is nothing until it grows past it.
            follow(3, far.index.status.epoch, 5, 32_768)
            for number in 2...7 { try far.add("f\(number)", [UInt8(number)]) }
            let later = try recorder.wait { $0.batches.last?.batch.upTo == 7 ? $0 : nil }
            let fresh = later.batches.filter { $0.batch.after >= 5 }.flatMap { $0.batch.entries.map(\.sequence) }
            #expect(Set(fresh) == [6, 7])
        }
    }
}

extension FileContent {
    /// A path that says nothing of it.
    var anyPath: RelativePath {
        // Hexadecimal digits are a path.
        guard let path = try? RelativePath("\(hash)") else { preconditionFailure("a hash is a path") }
        return path
    }
}

extension Node {
    /// A tombstone in the index.
    func bury(_ path: RelativePath) throws {
        let author = Author(device: device, epoch: index.status.epoch)
        let origin = Origin(author: author, counter: index.status.mark.sequence + 1)
        let record = FileRecord(
            path: path, content: .deleted(movedTo: nil), version: VersionVector(origin), origin: origin, edits: 1)
        var transaction = IndexTransaction()
        transaction.rows = [IndexRow(record: record, sequence: origin.counter, disk: nil, source: nil)]
        try index.commit(transaction)
        services.logGrew(status: index.status)
    }
}
