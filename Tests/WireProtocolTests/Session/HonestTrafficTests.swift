import SeededRandom
import SyncModel
import Testing
import WireProtocol

/// Whatever crosses on the way: a side that sends only what its own session lets through is never refused.
@Suite struct HonestTrafficTests {
    @Test(arguments: 0..<60 as Range<UInt64>) func honestSidesAreNeverRefused(seed: UInt64) throws {
        var traffic = try HonestTraffic(seed: seed)
        for _ in 0..<2_000 where traffic.faults.isEmpty { try traffic.step() }
        try traffic.end()
        #expect(traffic.faults.isEmpty, "seed \(seed): \(traffic.faults)")
        for side in 0..<2 {
            #expect(traffic.sides[side].wanted.isEmpty && traffic.sides[side].openBarriers.isEmpty, "seed \(seed)")
            #expect(traffic.sessions[side].requestsUnderWay == (0, 0), "seed \(seed)")
            #expect(traffic.sessions[side].openFolders == [SessionPair.folder], "seed \(seed)")
        }
        #expect(traffic.received > 200, "seed \(seed)")
    }

    /// Frames in another order than they were sent are no honest traffic: the session ends, whatever they are.
    @Test(arguments: 0..<40 as Range<UInt64>) func contentInAnotherOrderEndsTheSession(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var pair = try SessionPair.sharing()
        let length = 100
        let request = ContentRequest(
            request: 1, folder: SessionPair.folder, path: try RelativePath("a"),
            content: FileContent(size: 1 << 20, hash: ContentHash(.zero)), offset: 0, length: UInt32(length),
            priority: .normal)
        _ = try pair.leftSends(.contentRequest(request))
        var frames: [Frame] = []
        var offset = 0
        while offset < length {
            let count = min(1 + random.below(30), length - offset)
            let data = ContentData(
                request: 1, offset: UInt64(offset), last: offset + count == length,
                bytes: [UInt8](repeating: 1, count: count)[...])
            frames.append(try pair.right.send(.contentData(data)))
            offset += count
        }
        let order = frames.indices.shuffled(using: &random)
        let firstWrong = order.indices.first { order[$0] != $0 }
        for (place, index) in order.enumerated() {
            let output = pair.left.receive(frames[index], now: 0)
            let isExpected = firstWrong.map { place < $0 } ?? true
            #expect(output.messages.isEmpty != isExpected, "seed \(seed), \(order)")
            if place == firstWrong { #expect(output.failure == .unrequested && pair.left.isOver) }
        }
    }

    /// What both sides count is counted alike: credit that is used up, and granted again.
    @Test(arguments: 0..<20 as Range<UInt64>) func creditIsCountedAlike(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var pair = try SessionPair.sharing()
        let folder = SessionPair.folder
        var (granted, used, next) = (0, 0, UInt64(0))
        for _ in 0..<300 {
            if random.below(4) == 0 {
                let credit = random.below(500)
                granted += credit
                let request = IndexRequest(
                    folder: folder, epoch: SessionPair.epoch, after: 0, inlineLimit: 0, creditBytes: UInt32(credit))
                _ = try pair.leftSends(.indexRequest(request))
            }
            let batch = Message.indexBatch(
                IndexBatch(
                    folder: folder, epoch: SessionPair.epoch, after: next, upTo: next + 1, head: 1 << 40, mark: nil,
                    frontier: nil, entries: []))
            #expect(pair.right.indexCredit(folder) == max(0, granted - used), "seed \(seed)")
            guard granted > used, next > 0 || granted > 0 else {
                #expect(throws: WireError.self) { try pair.right.send(batch) }
                continue
            }
            used += try WireCodec.encode(batch).payload.count
            #expect(try pair.rightSends(batch) == [.message(batch)], "seed \(seed)")
            next += 1
        }
        #expect(next > 20)
    }
}
