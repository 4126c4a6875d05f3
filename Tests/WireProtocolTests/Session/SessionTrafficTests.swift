import SyncModel
import Testing
import WireProtocol

@Suite struct SessionTrafficTests {
    let folder = SessionPair.folder
    let epoch = SessionPair.epoch

    func content(_ request: UInt32, offset: UInt64 = 0, length: UInt32 = 100) throws -> Message {
        .contentRequest(
            ContentRequest(
                request: request, folder: folder, path: try RelativePath("a"),
                content: FileContent(size: 1 << 40, hash: ContentHash(.zero)), offset: offset, length: length,
                priority: .normal))
    }

    func data(_ request: UInt32, _ offset: UInt64, _ count: Int, last: Bool) -> Message {
        .contentData(
            ContentData(request: request, offset: offset, last: last, bytes: [UInt8](repeating: 1, count: count)[...]))
    }

    func indexRequest(after: UInt64 = 0, credit: UInt32 = 200, stream: UInt32 = 0) -> Message {
        .indexRequest(
            IndexRequest(
                folder: folder, stream: stream, epoch: epoch, after: after, inlineLimit: 4, creditBytes: credit))
    }

    func batch(
        _ after: UInt64, _ upTo: UInt64, epoch: IndexEpoch? = nil, stream: UInt32 = 0, entries: [IndexEntry] = []
    ) -> Message {
        .indexBatch(
            IndexBatch(
                folder: folder, stream: stream, epoch: epoch ?? self.epoch, after: after, upTo: upTo, head: 100,
                mark: nil,
                frontier: nil,
                entries: entries))
    }

    // MARK: Requests

    @Test func contentInParts() throws {
        var pair = try SessionPair.sharing()
        #expect(try pair.leftSends(content(1)).count == 1)
        #expect(try pair.rightSends(data(1, 0, 40, last: false)) == [.message(data(1, 0, 40, last: false))])
        #expect(try pair.rightSends(data(1, 40, 60, last: true)).count == 1)
        #expect(try pair.rightForges(data(1, 100, 1, last: true)).failure == .unrequested)
    }

    @Test(arguments: [(0, 101, true), (1, 99, true), (0, 50, true), (0, 100, false)] as [(UInt64, Int, Bool)])
    func contentThatWasNotAskedFor(offset: UInt64, count: Int, last: Bool) throws {
        var pair = try SessionPair.sharing()
        _ = try pair.leftSends(content(1))
        #expect(throws: WireError(.unrequested, "")) { try pair.right.send(data(1, offset, count, last: last)) }
        #expect(try pair.rightForges(data(1, offset, count, last: last)).failure == .unrequested)
    }

    @Test func contentHeaderIsAccountedFor() throws {
        var pair = try SessionPair.sharing()
        _ = try pair.leftSends(content(1))
        let header = try pair.right.contentHeader(request: 1, offset: 0, last: true, count: 100)
        let frame = Frame(type: header.type, payload: header.payload + [UInt8](repeating: 1, count: 100))
        #expect(pair.left.receive(frame, now: 0).messages == [data(1, 0, 100, last: true)])
        #expect(throws: WireError(.unrequested, "")) {
            try pair.right.contentHeader(request: 1, offset: 0, last: true, count: 100)
        }
    }

    @Test func cancelledRequestsEndQuietly() throws {
        var pair = try SessionPair.sharing()
        _ = try pair.leftSends(content(1))
        let frame = try pair.left.send(.cancelRequest(1))
        #expect(try pair.rightForges(data(1, 0, 40, last: false)).events.isEmpty)
        #expect(pair.right.receive(frame, now: 0).messages == [.cancelRequest(1)])
        let failed = Message.requestFailed(RequestFailed(request: 1, code: .cancelled))
        #expect(try pair.rightSends(failed).isEmpty)
        #expect(try pair.rightForges(failed).failure == .unrequested)
        #expect(pair.right.receive(frame, now: 0) == SessionOutput())
    }

    @Test func requestsAreBounded() throws {
        var pair = try SessionPair.sharing()
        for number in 0..<UInt32(Limits.requests) { _ = try pair.leftSends(content(number)) }
        #expect(throws: WireError(.tooMany, "")) { try pair.left.send(content(9_999)) }
        #expect(pair.right.receive(try WireCodec.encode(content(9_999)), now: 0).failure == .tooMany)
    }

    @Test func requestNumbersAreNotUsedTwice() throws {
        var pair = try SessionPair.sharing()
        _ = try pair.leftSends(content(1))
        #expect(throws: WireError(.tooMany, "")) { try pair.left.send(content(1)) }
        #expect(pair.right.receive(try WireCodec.encode(content(1)), now: 0).failure == .tooMany)
    }

    @Test func requestedBytesAreBounded() throws {
        var pair = try SessionPair.sharing()
        let length = UInt32(Limits.requestBytes)
        let most = UInt32(Limits.requestedBytes / Limits.requestBytes)
        for number in 0..<most { _ = try pair.leftSends(content(number, length: length)) }
        #expect(throws: WireError(.tooMany, "")) { try pair.left.send(content(most, length: 1)) }
        _ = try pair.rightSends(data(0, 0, Int(length), last: true))
        #expect(try pair.leftSends(content(most, length: length)).count == 1)
    }

    @Test func answersFitTheirQuestion() throws {
        let path = try RelativePath("a")
        let held = Message.everHeldQuery(
            EverHeldQuery(
                request: 1, folder: folder,
                items: [EverHeldQuery.Item(path: path, content: FileContent(size: 1, hash: ContentHash(.zero)))]))
        let bucket = Message.bucketRequest(
            BucketRequest(request: 1, folder: folder, domain: .live, bucket: 7, after: Bytes16(high: 7 << 56, low: 5)))
        func listing(_ high: UInt64, _ low: UInt64) -> Message {
            let item = BucketListing.Item(
                pathHash: Bytes16(high: high, low: low), recordDigest: Bytes16(high: 0, low: 0))
            return .bucketListing(BucketListing(request: 1, items: [item], last: true))
        }
        let cases: [(Message, right: Message, wrong: Message)] = [
            (
                held, .everHeldAnswer(EverHeldAnswer(request: 1, held: [true])),
                .everHeldAnswer(EverHeldAnswer(request: 1, held: []))
            ),
            (bucket, listing(7 << 56, 6), listing(7 << 56, 5)),
            (bucket, listing(7 << 56, 6), listing(8 << 56, 6)),
            (try content(1), data(1, 0, 100, last: true), .everHeldAnswer(EverHeldAnswer(request: 1, held: [true]))),
        ]
        for (question, right, wrong) in cases {
            var pair = try SessionPair.sharing()
            _ = try pair.leftSends(question)
            var copy = pair
            #expect(try pair.rightSends(right) == [.message(right)])
            #expect(try copy.rightForges(wrong).failure == .unrequested)
        }
    }

    // MARK: Index streams

    @Test func batchesNeedCreditAndFollowOneAnother() throws {
        var pair = try SessionPair.sharing()
        #expect(try pair.rightForges(batch(0, 5)).failure == .unrequested)
        pair = try SessionPair.sharing()
        _ = try pair.leftSends(indexRequest(credit: 1))
        #expect(pair.right.indexCredit(folder) == 1)
        #expect(try pair.rightSends(batch(0, 5)).count == 1)
        #expect(pair.right.indexCredit(folder) == 0)
        #expect(throws: WireError(.tooMany, "")) { try pair.right.send(batch(5, 6)) }
        var copy = pair
        #expect(try copy.rightForges(batch(5, 6)).failure == .tooMany)
        _ = try pair.leftSends(indexRequest(credit: 200))
        #expect(try pair.rightSends(batch(5, 6)).count == 1)
        copy = pair
        #expect(try copy.rightForges(batch(5, 7)).failure == .unrequested)
        #expect(try pair.rightForges(batch(6, 7, epoch: IndexEpoch(1))).failure == .unrequested)
    }

    @Test func directoryMovesMustBeAskedFor() throws {
        let path = try RelativePath("d")
        let move = DirectoryMove(
            from: path, to: try RelativePath("e"), first: path, last: path, count: 1, digest: .zero,
            origin: Origin(author: Author(device: DeviceID(.zero), epoch: epoch), counter: 1))
        for isWanted in [true, false] {
            var pair = try SessionPair.sharing()
            _ = try pair.leftSends(
                .indexRequest(
                    IndexRequest(
                        folder: folder, epoch: epoch, after: 0, inlineLimit: 0, creditBytes: 200, takesMoves: isWanted))
            )
            let batch = batch(0, 2, entries: [IndexEntry(sequence: 1, item: .move(move))])
            if isWanted {
                #expect(try pair.rightSends(batch).count == 1)
            } else {
                #expect(throws: WireError(.unrequested, "")) { try pair.right.send(batch) }
                #expect(try pair.rightForges(batch).failure == .unrequested)
            }
        }
    }

    @Test func aNewStreamReplacesTheOld() throws {
        var pair = try SessionPair.sharing()
        _ = try pair.leftSends(indexRequest())
        let late = try pair.right.send(batch(0, 5))
        let request = try pair.left.send(indexRequest(after: 50, stream: 1))
        #expect(pair.left.receive(late, now: 0) == SessionOutput())
        _ = pair.right.receive(request, now: 0)
        #expect(throws: WireError(.unrequested, "")) { try pair.right.send(batch(50, 51)) }
        #expect(try pair.rightSends(batch(50, 51, stream: 1)).count == 1)
        #expect(pair.left.receive(late, now: 0).failure == .unrequested)
    }

    /// What is on its way from before is not taken for what comes of the same place again.
    @Test func aStreamFromTheSamePlaceIsAnotherOne() throws {
        var pair = try SessionPair.sharing()
        _ = try pair.leftSends(indexRequest())
        let late = try pair.right.send(batch(0, 5))
        let request = try pair.left.send(indexRequest(stream: 1))
        #expect(pair.left.receive(late, now: 0) == SessionOutput())
        _ = pair.right.receive(request, now: 0)
        #expect(try pair.rightSends(batch(0, 3, stream: 1)).count == 1)
    }

    @Test func aStreamHasItsNumberOnce() throws {
        for other in [indexRequest(after: 50, stream: 1), indexRequest(stream: 0)] {
            var pair = try SessionPair.sharing()
            _ = try pair.leftSends(indexRequest(stream: 1))
            #expect(throws: WireError(.unrequested, "")) { try pair.left.send(other) }
            #expect(pair.right.receive(try WireCodec.encode(other), now: 0).failure == .unrequested)
            #expect(try pair.rightForges(batch(0, 1, stream: 2)).failure == .unrequested)
        }
    }

    @Test func creditIsBounded() throws {
        var pair = try SessionPair.sharing()
        let most = UInt32(Limits.indexCreditBytes)
        _ = try pair.leftSends(indexRequest(credit: most))
        #expect(throws: WireError(.tooMany, "")) { try pair.left.send(indexRequest(credit: 1)) }
        #expect(pair.right.receive(try WireCodec.encode(indexRequest(credit: 1)), now: 0).failure == .tooMany)
    }

    @Test func inlineContentIsBoundedByTheRequest() throws {
        let origin = Origin(author: Author(device: DeviceID(.zero), epoch: epoch), counter: 1)
        let record = FileRecord(
            path: try RelativePath("a"), content: .file(FileContent(size: 5, hash: ContentHash(.zero))),
            version: VersionVector(origin), origin: origin, edits: 1)
        let entry = IndexEntry(sequence: 1, item: .record(record, inline: [1, 2, 3, 4, 5]))
        var pair = try SessionPair.sharing()
        _ = try pair.leftSends(indexRequest())
        #expect(try pair.rightForges(batch(0, 1, entries: [entry])).failure == .unrequested)
    }

    // MARK: Barriers and offers

    @Test func barriers() throws {
        var pair = try SessionPair.sharing()
        for token in 0..<UInt64(Limits.barriers) {
            _ = try pair.leftSends(.barrier(Barrier(folder: folder, token: token)))
        }
        let next = Message.barrier(Barrier(folder: folder, token: 1 << 40))
        #expect(throws: WireError(.tooMany, "")) { try pair.left.send(next) }
        var copy = pair
        #expect(copy.right.receive(try WireCodec.encode(next), now: 0).failure == .tooMany)
        let reached = Message.barrierReached(
            BarrierReached(folder: folder, token: 3, reached: true, rootDigest: .zero, reason: ""))
        #expect(try pair.rightSends(reached) == [.message(reached)])
        #expect(try pair.leftSends(next).count == 1)
        #expect(try pair.rightForges(reached).failure == .unrequested)
    }

    @Test func aFolderIsOpenOnceBothOfferedIt() throws {
        var pair = try SessionPair.opened()
        let offer = Message.folderOffer([FolderOffer(folder: folder, name: "photos", records: [])])
        _ = try pair.leftSends(offer)
        #expect(pair.right.openFolders.isEmpty)
        #expect(throws: WireError(.unknownFolder, "")) { try pair.left.send(indexRequest()) }
        #expect(pair.right.receive(try WireCodec.encode(indexRequest()), now: 0).refusal == .unknownFolder)
        _ = try pair.rightSends(offer)
        #expect(pair.right.openFolders == [folder] && pair.left.openFolders == [folder])
        #expect(try pair.leftSends(indexRequest()).count == 1)
    }
}
