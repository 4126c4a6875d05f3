public import SyncModel

/// The digest of a set of records, kept while records come and go: 256 buckets of live records, and the tombstones.
public struct DigestState: Hashable, Sendable {
    public static let bucketCount = 256
    /// The number under which the tombstones' state is stored.
    static let tombstones = 256

    /// Buckets 0 ... 255, then the tombstones.
    private(set) var states: [LtHash16]
    /// The states that changed since this was last emptied.
    var touched: Set<Int> = []

    /// Of no records.
    public init() { states = [LtHash16](repeating: LtHash16(), count: Self.bucketCount + 1) }

    /// Puts a stored state in place.
    mutating func restore(_ state: LtHash16, at number: Int) { states[number] = state }

    /// Adds a record; the set must hold none of this path.
    public mutating func insert(_ record: FileRecord) { insert(record, encoded: RecordDigest.encode(record)) }

    mutating func insert(_ record: FileRecord, encoded: [UInt8]) {
        let number = Self.number(record)
        touched.insert(number)
        states[number].insert(encoded)
    }

    /// Takes out a record that was added.
    public mutating func remove(_ record: FileRecord) {
        let number = Self.number(record)
        touched.insert(number)
        states[number].remove(RecordDigest.encode(record))
    }

    private static func number(_ record: FileRecord) -> Int {
        record.isDeleted ? tombstones : RecordDigest.bucket(of: record.path)
    }

    /// Of all live records: SHA-256 of the sum of the buckets; of the tombstones: SHA-256 of their state.
    public var root: RootDigest {
        var sum = LtHash16()
        for bucket in states[..<Self.bucketCount] { sum.add(bucket) }
        return RootDigest(live: sum.digest, tombstones: states[Self.tombstones].digest)
    }

    /// SHA-256 of each bucket's state, in order.
    public var buckets: [Bytes32] { states[..<Self.bucketCount].map(\.digest) }

    /// Equal when all states are; what changed since when plays no part.
    public static func == (left: DigestState, right: DigestState) -> Bool { left.states == right.states }

    public func hash(into hasher: inout Hasher) { hasher.combine(states) }
}
