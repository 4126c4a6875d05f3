import Chunking
import Cryptography
import Glibc
import SQLiteIndex
import SeededRandom
import SyncCore
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// What a link answers by itself to requests of the other side's engine.
@Suite struct AnswerTests {
    @Test func bucketsRecordsAndWhatWasHeldAreAnswered() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        let names = (0..<600).map { "n\($0)" }
        let contents = try far.add(names.map { ($0, Array($0.utf8)) })
        let pair = try LinkPair(near, far)
        let recorder = try near.recorder(pair.near)
        let bucket = UInt8(SHA256.hash(Array("n0".utf8)).prefix >> 56)
        pair.near.send(
            .bucketRequest(BucketRequest(request: 1, folder: folderA, domain: .live, bucket: bucket, after: nil)))
        let listing = try recorder.wait { state -> BucketListing? in
            state.messages.compactMap { if case .bucketListing(let listing) = $0 { listing } else { nil } }.first
        }
        let expected = names.filter { SHA256.hash(Array($0.utf8)).prefix >> 56 == UInt64(bucket) }
        #expect(listing.items.count == expected.count)
        #expect(listing.last)
        let hashes = listing.items.map(\.pathHash)
        #expect(hashes == hashes.sorted())

        pair.near.send(
            .recordsWanted(
                RecordsWanted(
                    request: 2, folder: folderA, paths: try [RelativePath("n5"), RelativePath("none")],
                    pathHashes: hashes)))
        let records = try recorder.wait { state -> Records? in
            state.messages.compactMap { if case .records(let records) = $0 { records } else { nil } }.first
        }
        let paths = records.entries.compactMap { entry -> String? in
            if case .record(let record, nil) = entry.item { "\(record.path)" } else { nil }
        }
        #expect(Set(paths) == Set(expected + ["n5"]))
        #expect(records.last)
        #expect(records.epoch == far.index.status.epoch)

        // Another content takes the place of the first, and what came to history was held, too.
        _ = try far.add("n3", [1, 2, 3])
        let filed = try far.file("n4")
        let unknown = FileContent(size: 1, hash: ContentHash(.zero))
        pair.near.send(
            .everHeldQuery(
                EverHeldQuery(
                    request: 3, folder: folderA,
                    items: [
                        .init(path: try RelativePath("n1"), content: contents[1]),
                        .init(path: try RelativePath("n1"), content: unknown),
                        .init(path: try RelativePath("moved"), content: contents[2]),
                        .init(path: try RelativePath("n3"), content: contents[3]),
                        .init(path: try RelativePath("n4"), content: filed),
                        .init(path: try RelativePath("n5"), content: filed),
                    ])))
        let held = try recorder.wait { state -> EverHeldAnswer? in
            state.messages.compactMap { if case .everHeldAnswer(let answer) = $0 { answer } else { nil } }.first
        }
        // The content of another path says nothing.
        #expect(held.held == [true, false, false, true, true, false])
    }

    @Test func aFolderThatIsNotOpenIsBusy() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        let content = try far.add("f", [1])
        let pair = try LinkPair(near, far)
        pair.far.unregister(folderA)
        #expect(try near.fetch(near.order(content, "f", from: [far])) == .failure(.noSource(.busy)))
        pair.near.send(
            .bucketRequest(BucketRequest(request: 1, folder: folderA, domain: .live, bucket: 0, after: nil)))
        let failed = try near.recorder(pair.near).wait { state -> RequestFailed? in
            state.messages.compactMap { if case .requestFailed(let failed) = $0 { failed } else { nil } }.first
        }
        #expect(failed == RequestFailed(request: 1, code: .busy))
    }

    @Test func aCancelledOrderIsSilentAndItsRoomComesBack() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 1)
        let big = try far.add("big", generator.bytes(20_000_000))
        let small = try far.add("small", [1, 2])
        let pair = try LinkPair(near, far)
        for _ in 0..<5 {
            #expect(near.fetcher.start(try near.order(big, "big", from: [far])))
            near.fetcher.cancel(big)
        }
        #expect(near.fetcher.progress(big) == nil)
        #expect(try near.fetch(near.order(small, "small", from: [far])) == .success([1, 2]))
        let deadline = patience()
        while pair.near.room != (Limits.requests - Limits.reservedRequests, Limits.requestedBytes) {
            try #require(MonotonicClock.milliseconds < deadline)
            sched_yield()
        }
        #expect(near.monitor.withLock { $0.events.count } == 1)
    }
}
