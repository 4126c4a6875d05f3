import ModelFolder
import SyncModel
import Testing
import WireProtocol

@testable import SyncEngine

/// What one comparison with a member asks for, and what it refuses.
@Suite struct RepairRoundTests {
    private let device = sampleDevice(1)
    private let epoch = IndexEpoch(3)

    private func round(_ buckets: [UInt8]) -> RepairRound {
        let digest = RootDigest(live: .zero, tombstones: .zero)
        let standing = RepairBook.Standing(
            ours: digest, theirs: digest, head: 1, theirEpoch: epoch, theirHead: 9, isWaiting: false, isComparable: true
        )
        return RepairRound(device: device, epoch: epoch, domain: .live, standing: standing, buckets: buckets)
    }

    private func hash(_ bucket: UInt8, _ number: UInt64) -> Bytes16 {
        Bytes16(high: UInt64(bucket) << 56, low: number)
    }

    private func items(_ bucket: UInt8, _ numbers: some Sequence<UInt64>, digest: UInt64 = 0) -> [BucketListing.Item] {
        numbers.map { BucketListing.Item(pathHash: hash(bucket, $0), recordDigest: Bytes16(high: digest, low: $0)) }
    }

    private func page(_ items: [BucketListing.Item], last: Bool = true) -> BucketListing {
        BucketListing(request: 0, items: items, last: last)
    }

    private func record(_ number: UInt64) -> FileRecord {
        let origin = Origin(author: sampleAuthor(1), counter: number)
        return FileRecord(
            path: samplePath("p\(number)"), content: sampleFile(number), version: VersionVector(origin), origin: origin,
            edits: 1)
    }

    private func stray() { Issue.record("something else is to be done") }

    /// In these tests a path's hash is the number in its name.
    private func answer(_ numbers: [UInt64], sequence: UInt64 = 1, last: Bool = true) -> Records {
        let entries = numbers.enumerated().map { offset, number in
            WireProtocol.IndexEntry(
                sequence: sequence + UInt64(offset), item: .record(record(number), inline: nil))
        }
        return Records(request: 0, epoch: epoch, entries: entries, last: last)
    }

    private func take(_ records: Records, _ round: inout RepairRound, bucket: UInt8 = 0) -> Bool {
        round.take(records, upTo: 9) { path in hash(bucket, UInt64("\(path)".dropFirst()) ?? 0) }
    }

    /// A round that lists the bucket 0, with what the member has there.
    private func listed(_ numbers: [UInt64], last: Bool = true) -> RepairRound {
        var round = round([0])
        _ = round.next()
        let isTaken = round.take(page(items(0, numbers), last: last))
        #expect(isTaken)
        return round
    }

    /// Asks for what is listed, as if we had nothing of it.
    private func asking(_ numbers: [UInt64]) -> RepairRound {
        var round = listed(numbers)
        _ = round.next()
        round.take([], next: nil)
        guard case .want(let hashes) = round.next() else {
            Issue.record("nothing is wanted")
            return round
        }
        #expect(hashes == numbers.map { hash(0, $0) })
        return round
    }

    @Test func whatIsAlikeIsNotAskedFor() {
        var round = listed([1, 2, 3, 4])
        guard case .load(0, nil) = round.next() else { return stray() }
        // What only we have is the member's to ask for.
        round.take(items(0, [1, 9]), next: samplePath("m"))
        guard case .load(0, let from) = round.next(), from == samplePath("m") else { return stray() }
        round.take(items(0, [2], digest: 7) + items(0, [3]), next: nil)
        guard case .want(let hashes) = round.next() else { return stray() }
        #expect(hashes == [hash(0, 2), hash(0, 4)])
        let is1 = take(answer([4, 2]), &round)
        #expect(is1)
        guard case .merge(let announced) = round.next() else { return stray() }
        #expect(announced.map(\.record) == [record(4), record(2)] && announced.map(\.sequence) == [1, 2])
        guard case .end = round.next() else { return stray() }
    }

    @Test func bucketsAreListedInPages() {
        var round = round([2, 5])
        for (bucket, after, numbers) in [(2, nil, [1, 2]), (2, 2, [3]), (5, nil, [])] as [(UInt8, UInt64?, [UInt64])] {
            guard case .list(bucket, let from) = round.next() else { return stray() }
            #expect(from == after.map { hash(bucket, $0) })
            let isTaken = round.take(page(items(bucket, numbers), last: after != nil || bucket == 5))
            #expect(isTaken)
            if !numbers.isEmpty {
                _ = round.next()
                round.take(items(bucket, numbers), next: nil)
            }
        }
        guard case .end = round.next() else { return stray() }
    }

    @Test func aPageThatWasNotAskedForIsRefused() {
        for numbers in [[2, 1], [1, 1]] as [[UInt64]] {
            var round = round([0])
            _ = round.next()
            let isTaken = round.take(page(items(0, numbers)))
            #expect(!isTaken)
        }
        var foreign = round([0])
        _ = foreign.next()
        let is2 = foreign.take(page(items(1, [1])))
        #expect(!is2)
        var empty = round([0])
        _ = empty.next()
        let is3 = empty.take(page([], last: false))
        #expect(!is3)
        var early = round([0])
        let is4 = early.take(page(items(0, [1])))
        #expect(!is4)
        // A page may not go back behind the one before.
        var again = listed([5], last: false)
        _ = again.next()
        again.take(items(0, [5]), next: nil)
        _ = again.next()
        let is5 = again.take(page(items(0, [5])))
        #expect(!is5)
    }

    @Test func pagesEnd() {
        var round = round([0])
        for number in 0..<UInt64(Limits.bucketPages) {
            guard case .list = round.next() else { return stray() }
            let isTaken = round.take(page(items(0, [number]), last: false))
            #expect(isTaken)
            _ = round.next()
            round.take(items(0, [number]), next: nil)
        }
        _ = round.next()
        let isTaken = round.take(page(items(0, [1 << 40]), last: false))
        #expect(!isTaken)
    }

    @Test func oneRoundAsksForSoManyRecords() {
        var round = round([0, 1])
        var asked = 0
        var number: UInt64 = 0
        loop: for _ in 0..<1_000 {
            switch round.next() {
            case .list(let bucket, _):
                let count = UInt64(Limits.bucketItems)
                let isTaken = round.take(page(items(bucket, number..<number + count), last: false))
                #expect(isTaken)
                number += count
            case .load: round.take([], next: nil)
            case .want(let hashes):
                #expect(hashes.count <= Limits.batchRecords)
                asked += hashes.count
                let isTaken = take(answer([]), &round)
                #expect(isTaken)
            case .end: break loop
            default: Issue.record("nothing came")
            }
        }
        #expect(asked == Limits.repairRecords && round.isCut)
    }

    @Test func recordsThatWereNotAskedForAreRefused() {
        var other = asking([1, 2])
        let is6 = take(answer([3]), &other)
        #expect(!is6)
        var twice = asking([1, 2])
        let is7 = take(answer([1, 1]), &twice)
        #expect(!is7)
        var endless = asking([1, 2])
        let is8 = take(answer([], last: false), &endless)
        #expect(!is8)
        var parts = asking([1, 2])
        let first = take(answer([1], last: false), &parts)
        guard case .merge = parts.next(), first else { return stray() }
        if parts.next() != nil { stray() }
        let is9 = take(answer([1]), &parts)
        #expect(!is9)
        var move = asking([1])
        let entry = WireProtocol.IndexEntry(sequence: 1, item: .record(record(1), inline: [1][...]))
        let is10 = take(Records(request: 0, epoch: epoch, entries: [entry], last: true), &move)
        #expect(!is10)
        var late = asking([1])
        let is11 = take(answer([]), &late)
        #expect(is11)
        let is12 = take(answer([1]), &late)
        #expect(!is12)
    }

    /// It comes with the log.
    @Test func whatIsNewerThanWhatWasReadIsLeftToTheLog() {
        var round = asking([1, 2])
        let is13 = take(answer([1, 2], sequence: 9), &round)
        #expect(is13)
        guard case .merge(let announced) = round.next() else { return stray() }
        #expect(announced.map(\.sequence) == [9])
    }
}
