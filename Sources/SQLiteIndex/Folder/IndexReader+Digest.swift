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
        let page = try snapshot { queries in
            try queries.command("SELECT key FROM record WHERE \(Queries.isLive) AND key > ? ORDER BY key LIMIT ?") {
                $0.bind(1, path?.sortKey ?? [])
                $0.bind(2, Int64(Limits.queryRows))
            }.all { try $0.withBlob(0) { try RecordCodec.path(sortKey: $0) } }
        }
        let rows = try load(page.filter { RecordDigest.bucket(of: $0) == bucket }).compactMap(\.row?.counted)
        return DigestPage(
            entries: rows.filter { !$0.isDeleted }.map(Self.entry),
            next: page.count < Limits.queryRows ? nil : page.last)
    }

    /// The tombstones of one bucket. Looks at no more than `Limits.queryRows` of all a call; a page may hold none.
    public func tombstoneEntries(
        ofBucket bucket: Int, after path: RelativePath? = nil
    ) throws(IndexError) -> DigestPage {
        let rows = try tombstones(after: path, limit: Limits.queryRows)
        return DigestPage(
            entries: rows.compactMap(\.counted).filter { RecordDigest.bucket(of: $0.path) == bucket }.map(Self.entry),
            next: rows.count < Limits.queryRows ? nil : rows.last?.record.path)
    }

    /// The digest of the tombstones of each of the 256 buckets, from all tombstones: their state is kept as one.
    public func tombstoneBuckets() throws(IndexError) -> [Bytes32] {
        var states = [LtHash16](repeating: LtHash16(), count: DigestState.bucketCount)
        var last: RelativePath?
        repeat {
            let rows = try tombstones(after: last, limit: Limits.queryRows)
            for record in rows.compactMap(\.counted) {
                states[RecordDigest.bucket(of: record.path)].insert(RecordDigest.encode(record))
            }
            last = rows.count < Limits.queryRows ? nil : rows.last?.record.path
        } while last != nil
        return states.map(\.digest)
    }

    private static func entry(_ record: FileRecord) -> DigestPage.Entry {
        DigestPage.Entry(path: record.path, digest: RecordDigest.digest(record))
    }
}
