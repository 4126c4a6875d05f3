internal import SyncModel
internal import WireProtocol

/// One comparison of our records with a member's, in the buckets that differ: what it lists and we have not, or have
/// otherwise, is asked for and merged. What only we have the member asks us for.
///
/// A page of one bucket at a time is in memory. Everything that the member says is checked against what it was asked.
struct RepairRound: Sendable {
    /// What is to be done; the answer comes back by `take`, but for `merge`.
    enum Action: Sendable {
        /// Ask the member for a page of a bucket, beyond a path hash.
        case list(bucket: UInt8, after: Bytes16?)
        /// Load our records of the bucket, beyond a path.
        case load(bucket: UInt8, after: RelativePath?)
        /// Ask the member for records by the hashes of their paths.
        case want([Bytes16])
        case merge([Announced])
        case end
    }

    private enum Step {
        case idle
        case listing
        case comparing(after: RelativePath?)
        case loading
        case asking
    }

    let device: DeviceID
    let epoch: IndexEpoch
    let domain: DigestDomain
    /// How both stood when it began.
    let standing: RepairBook.Standing
    /// The number of the request under way.
    var number: UInt32 = 0
    /// When its answer is too late.
    var deadline: UInt64?
    /// Whether anything that came was new.
    var isChanged = false
    /// Whether more is to be asked for than one round may.
    private(set) var isCut = false

    private var step = Step.idle
    /// What is still to be looked at, the next one last.
    private var buckets: [UInt8]
    private var bucket: UInt8 = 0
    private var pages = 0
    /// Up to here the bucket is compared; nil once it is to its end.
    private var position: Bytes16?
    /// What the member lists and we are not known to have alike: record digests by path hash.
    private var listed: [Bytes16: Bytes16] = [:]
    private var wanted: [Bytes16] = []
    private var asked: Set<Bytes16> = []
    private var askedCount = 0
    private var received: [Announced] = []
    private var receivedBytes = 0

    init(
        device: DeviceID, epoch: IndexEpoch, domain: DigestDomain, standing: RepairBook.Standing, buckets: [UInt8]
    ) {
        (self.device, self.epoch, self.domain, self.standing) = (device, epoch, domain, standing)
        self.buckets = buckets.reversed()
    }

    /// What is to be done now; nil while an answer is awaited.
    mutating func next() -> Action? {
        if !received.isEmpty {
            defer { (received, receivedBytes) = ([], 0) }
            return .merge(received)
        }
        switch step {
        case .listing, .loading, .asking: return nil
        case .comparing(let path):
            step = .loading
            return .load(bucket: bucket, after: path)
        case .idle: break
        }
        if !wanted.isEmpty {
            let some = Array(wanted.prefix(Limits.batchRecords))
            wanted.removeFirst(some.count)
            asked = Set(some)
            step = .asking
            return .want(some)
        }
        if position == nil {
            guard !isCut, let next = buckets.popLast() else { return .end }
            (bucket, pages) = (next, 0)
        }
        step = .listing
        return .list(bucket: bucket, after: position)
    }

    // MARK: Answers

    /// A page of the bucket. False where it is not what was asked for.
    mutating func take(_ listing: BucketListing) -> Bool {
        guard case .listing = step, listing.items.count <= Limits.bucketItems, pages < Limits.bucketPages,
            listing.last || !listing.items.isEmpty
        else { return false }
        var last = position
        for item in listing.items {
            guard item.pathHash.firstByte == bucket, last.map({ $0 < item.pathHash }) ?? true else { return false }
            last = item.pathHash
            listed[item.pathHash] = item.recordDigest
        }
        pages += 1
        position = listing.last ? nil : last
        step = listed.isEmpty ? .idle : .comparing(after: nil)
        return true
    }

    /// A part of our own records of the bucket; `next` is where it goes on.
    mutating func take(_ items: [BucketListing.Item], next: RelativePath?) {
        guard case .loading = step else { return }
        for item in items where listed[item.pathHash] == item.recordDigest { listed[item.pathHash] = nil }
        if let next, !listed.isEmpty { return step = .comparing(after: next) }
        step = .idle
        let rest = listed.keys.sorted()
        listed = [:]
        wanted = Array(rest.prefix(Limits.repairRecords - askedCount))
        askedCount += wanted.count
        if wanted.count < rest.count { (isCut, position) = (true, nil) }
    }

    /// A part of the records that were asked for. False where it is something else.
    /// - Parameters:
    ///   - head: up to here we have read the member's log; what comes later comes with it.
    ///   - hash: of a path.
    mutating func take(_ records: Records, upTo head: IndexSequence, hash: (RelativePath) -> Bytes16) -> Bool {
        guard case .asking = step, records.last || !records.entries.isEmpty else { return false }
        for entry in records.entries {
            guard case .record(let record, nil) = entry.item, asked.remove(hash(record.path)) != nil else {
                return false
            }
            guard entry.sequence <= head, receivedBytes < Self.bytesGreatest else { continue }
            receivedBytes += record.size
            received.append(Announced(device: device, sequence: entry.sequence, record: record))
        }
        if records.last { (step, asked) = (.idle, []) }
        return true
    }

    /// Records that wait to be merged: what comes beyond it is left to a later round.
    private static let bytesGreatest = 16 << 20
}

extension Bytes16 {
    fileprivate var firstByte: UInt8 { UInt8(truncatingIfNeeded: high >> 56) }
}

extension FileRecord {
    /// About what it takes in memory.
    fileprivate var size: Int {
        attributes.reduce(path.bytes.count + version.entries.count * 48 + 256) {
            $0 + $1.name.count + ($1.value.value?.count ?? 0)
        }
    }
}
