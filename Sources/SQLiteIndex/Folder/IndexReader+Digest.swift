internal import GRDB
public import SyncModel

extension IndexReader {
    /// A part of the records that one digest covers.
    public struct DigestPage: Sendable {
        /// In path order.
        public let entries: [Entry]
        /// Where the next page begins: its `after`. Nil at the end.
        public let next: RelativePath?

        /// A record's path and digest.
        public struct Entry: Hashable, Sendable {
            public let path: RelativePath
            /// `RecordDigest.digest` of the record.
            public let digest: Bytes32
        }
    }

    /// The live records of one bucket (0 ... 255): the second step of range repair. Looks at no more than
    /// `Limits.queryRows` rows a call, since buckets are scattered over the paths; a page may hold none.
    public func entries(ofBucket bucket: Int, after path: RelativePath? = nil) throws(IndexError) -> DigestPage {
        let page = try entries(after: path, limit: Limits.queryRows)
        let paths = page.lazy.map(\.path).filter { RecordDigest.bucket(of: $0) == bucket }
        let rows = try load(Array(paths)).compactMap(\.row).filter { !$0.record.isDeleted }
        return DigestPage(
            entries: rows.map(Self.entry), next: page.count < Limits.queryRows ? nil : page.last?.path)
    }

    /// The tombstones of one bucket. Looks at no more than `Limits.queryRows` of all a call; a page may hold none.
    public func tombstoneEntries(
        ofBucket bucket: Int, after path: RelativePath? = nil
    ) throws(IndexError) -> DigestPage {
        let rows = try tombstones(after: path, limit: Limits.queryRows)
        return DigestPage(
            entries: rows.filter { RecordDigest.bucket(of: $0.record.path) == bucket }.map(Self.entry),
            next: rows.count < Limits.queryRows ? nil : rows.last?.record.path)
    }

    /// The digest of the tombstones of each of the 256 buckets, from all tombstones: their state is kept as one.
    public func tombstoneBuckets() throws(IndexError) -> [Bytes32] {
        var states = [LtHash16](repeating: LtHash16(), count: DigestState.bucketCount)
        var last: RelativePath?
        repeat {
            let rows = try tombstones(after: last, limit: Limits.queryRows)
            for row in rows { states[RecordDigest.bucket(of: row.record.path)].insert(RecordDigest.encode(row.record)) }
            last = rows.count < Limits.queryRows ? nil : rows.last?.record.path
        } while last != nil
        return states.map(\.digest)
    }

    private static func entry(_ row: IndexRow) -> DigestPage.Entry {
        DigestPage.Entry(path: row.record.path, digest: RecordDigest.digest(row.record))
    }
}
