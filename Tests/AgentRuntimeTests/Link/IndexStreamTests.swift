import SQLiteIndex
import SeededRandom
import SyncModel
import Testing
import WireProtocol

@testable import AgentRuntime

@Suite struct IndexStreamTests {
    private func request(_ node: Node, after: IndexSequence = 0, inline: Int = Limits.inlineBytes) -> Message {
        .indexRequest(
            IndexRequest(
                folder: folderA, epoch: node.index.status.epoch, after: after, inlineLimit: UInt32(inline),
                creditBytes: UInt32(Limits.indexCreditBytes)))
    }

    private func entries(_ recorder: LinkRecorder, until head: IndexSequence) throws -> LinkRecorder.State {
        try recorder.wait { state in state.batches.last?.batch.upTo == head ? state : nil }
    }

    @Test func theLogComesWholeWithSmallContentsInside() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 1)
        let sizes = [0, 1, 100, 8_191, 20_000, 32_768, 32_769, 100_000]
        let files = sizes.map { ("d/\($0)", generator.bytes($0)) }
        let contents = try far.add(files)
        let pair = try LinkPair(near, far)
        pair.near.send(request(far))
        let state = try entries(near.recorder(pair.near), until: UInt64(files.count))
        let last = try #require(state.batches.last?.batch)
        #expect(last.head == far.index.status.mark.sequence)
        #expect(last.mark == far.index.status.mark.hash)
        #expect(last.frontier == far.index.status.frontier)
        let records = state.batches.flatMap(\.batch.entries)
        #expect(records.map(\.sequence) == Array(1...UInt64(files.count)))
        for entry in records {
            guard case .record(_, let bytes) = entry.item else { continue }
            #expect(bytes == nil)
        }
        let inline = state.batches.flatMap(\.inline)
        #expect(inline.map(\.content) == Array(contents.prefix(6)))
        for (item, file) in zip(inline, files) { #expect(near.services.inline.take(item.handle) == file.1) }
        #expect(near.services.inline.heldBytes == 0)
    }

    @Test func whatGrowsLaterFollowsAndContentsChangedSinceAreLeftOut() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        let pair = try LinkPair(near, far)
        pair.near.send(request(far))
        let recorder = try near.recorder(pair.near)
        try far.add("one", [1])
        _ = try entries(recorder, until: 1)
        // The file changes behind the index's back: its record is announced, its bytes are not.
        try far.write("two", [2, 2])
        let content = try far.add("two", [2])
        try far.write("two", [3, 3, 3])
        let state = try entries(recorder, until: 2)
        let inline = state.batches.flatMap(\.inline).filter { $0.content == content }
        for item in inline { #expect(near.services.inline.peek(item.handle) == [2]) }
    }

    /// Who follows the log says how far it has come, and a device that hears of more than it knows to have committed
    /// takes itself for a copy (rule 9): nothing is sent of a commit before it was told.
    @Test func aCommitIsSentOnceItWasTold() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        try far.add("one", [1])
        let told = far.index.status
        try far.add("two", [2])
        far.services.logGrew(status: told)
        let pair = try LinkPair(near, far)
        let recorder = try near.recorder(pair.near)
        pair.near.send(request(far))
        let first = try #require(try recorder.wait { $0.batches.last?.batch })
        #expect(first.upTo == told.mark.sequence)
        #expect(first.mark == nil)
        far.services.logGrew(status: far.index.status)
        let batches = try entries(recorder, until: far.index.status.mark.sequence).batches.map(\.batch)
        #expect(batches.flatMap(\.entries).map(\.sequence) == [1, 2])
        #expect(batches.last?.mark == far.index.status.mark.hash)
    }

    /// Of what was read of the log at once, only some is kept until there is credit again.
    @Test func recordsThatTakeManyBatchesComeInTheirOrder() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        let content = try far.add("one", [1])
        var transaction = IndexTransaction()
        for number in 2...60 as ClosedRange<UInt64> {
            var row = try far.row("one", content)
            let origin = row.record.origin
            row.record = FileRecord(
                path: try RelativePath("f\(number)"), content: .directory, version: VersionVector(origin),
                origin: origin,
                edits: 1,
                attributes: [
                    ExtendedAttribute(
                        name: Array("user.a".utf8),
                        value: Stamped([UInt8](repeating: 7, count: 60_000), at: Stamp(counter: 1, device: far.device)))
                ])
            row.disk = nil
            transaction.rows.append(row)
        }
        try far.index.commit(transaction)
        far.services.logGrew(status: far.index.status)
        let pair = try LinkPair(near, far)
        let recorder = try near.recorder(pair.near)
        for grants in 1...60 {
            pair.near.send(
                .indexRequest(
                    IndexRequest(
                        folder: folderA, epoch: far.index.status.epoch, after: 0, inlineLimit: 32_768,
                        creditBytes: 400_000)))
            let last = try recorder.wait { $0.batches.count >= grants ? $0.batches.last?.batch.upTo : nil }
            if last == 60 { break }
        }
        let batches = try entries(recorder, until: 60).batches.map(\.batch)
        #expect(batches.count > 4)
        #expect(batches.flatMap(\.entries).map(\.sequence) == Array(1...60))
        #expect(batches.last?.mark == far.index.status.mark.hash)
    }

    @Test func creditBoundsTheStream() throws {
        let (near, far) = (try Node(), try Node())
        defer {
            near.close()
            far.close()
        }
        var generator = SeededGenerator(seed: 2)
        let files = (0..<200).map { ("f\($0)", generator.bytes(20_000)) }
        try far.add(files)
        let pair = try LinkPair(near, far)
        let recorder = try near.recorder(pair.near)
        var granted = 0
        var grants = 0
        while true {
            grants += 1
            granted += 600_000
            pair.near.send(
                .indexRequest(
                    IndexRequest(
                        folder: folderA, epoch: far.index.status.epoch, after: 0, inlineLimit: 32_768,
                        creditBytes: 600_000)))
            let count = grants
            let state = try recorder.wait { $0.batches.count >= count || $0.batches.last?.batch.upTo == 200 ? $0 : nil }
            let bytes = state.batches.flatMap(\.inline).reduce(0) { $0 + Int($1.content.size) }
            // The last batch may overdraw.
            #expect(bytes <= granted + Limits.batchBytes)
            if state.batches.last?.batch.upTo == 200 { break }
        }
        #expect(grants > 3)
        #expect(try recorder.wait { $0.batches.flatMap(\.inline).count } == 200)
    }
}
