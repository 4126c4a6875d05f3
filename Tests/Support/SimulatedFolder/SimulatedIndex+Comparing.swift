internal import ModelFolder
package import SyncModel
package import WireProtocol

/// The records by bucket: what two devices compare where their digests differ.
extension SimulatedIndex {
    private func records(_ domain: DigestDomain) -> [FileRecord] {
        rows.values.compactMap(\.counted).filter { $0.isDeleted == (domain == .tombstones) }.sorted {
            $0.path < $1.path
        }
    }

    private func hash(_ record: FileRecord) -> Bytes16 { Bytes16(first: simulatedHash(record.path.bytes)) }

    private func item(_ record: FileRecord) -> BucketListing.Item {
        BucketListing.Item(pathHash: hash(record), recordDigest: Bytes16(high: Self.number(record), low: 0))
    }

    package func bucketDigests(_ domain: DigestDomain) -> [Bytes32] {
        var sums = [UInt64](repeating: 0, count: 256)
        for record in records(domain) { sums[Int(hash(record).high >> 56)] &+= Self.number(record) }
        return sums.map { sampleBytes($0) }
    }

    /// Looks at no more than `limit` records beyond a path.
    package func items(
        _ domain: DigestDomain, ofBucket bucket: UInt8, after path: RelativePath?, limit: Int
    ) -> (items: [BucketListing.Item], next: RelativePath?) {
        let page = records(domain).filter { record in path.map { $0 < record.path } ?? true }.prefix(limit)
        let items = page.map { item($0) }.filter { $0.pathHash.high >> 56 == UInt64(bucket) }
        return (items, page.count < limit ? nil : page.last?.path)
    }

    func answer(_ request: BucketRequest) -> BucketListing {
        let items = records(request.domain).map { item($0) }.filter { item in
            item.pathHash.high >> 56 == UInt64(request.bucket) && request.after.map { $0 < item.pathHash } ?? true
        }
        let page = items.sorted { $0.pathHash < $1.pathHash }.prefix(1)
        return BucketListing(request: request.request, items: Array(page), last: page.count == items.count)
    }

    /// One message a record, so that there are several.
    func answer(_ wanted: RecordsWanted) -> [Records] {
        let found = rows.values.filter { row in
            row.standing == .agreed
                && (wanted.paths.contains(row.record.path)
                    || wanted.pathHashes.contains(hash(row.record)))
        }.sorted { $0.sequence < $1.sequence }
        if found.isEmpty { return [Records(request: wanted.request, epoch: epoch, entries: [], last: true)] }
        return found.map { row in
            Records(
                request: wanted.request, epoch: epoch,
                entries: [WireProtocol.IndexEntry(sequence: row.sequence, item: .record(row.record, inline: nil))],
                last: row.sequence == found.last?.sequence)
        }
    }
}

extension SimulatedDevice {
    /// Like `FolderServices`, unless it lies.
    mutating func answer(_ request: BucketRequest) -> [Message] {
        comparisons += 1
        var listing = index.answer(request)
        switch lister {
        case .honest, .pushing: break
        case .inventing:
            let high = UInt64(request.bucket) << 56
            listing.items = (1...3).map { number in
                BucketListing.Item(
                    pathHash: Bytes16(high: high, low: number), recordDigest: Bytes16(high: number, low: 1))
            }
            listing.last = true
        case .repeating:
            listing.items = request.after.map { [BucketListing.Item(pathHash: $0, recordDigest: $0)] } ?? listing.items
            listing.last = false
        case .failing: return [.requestFailed(RequestFailed(request: request.request, code: .unreadable))]
        case .silent: return []
        }
        return [.bucketListing(listing)]
    }

    mutating func answer(_ wanted: RecordsWanted) -> [Message] {
        comparisons += 1
        var wanted = wanted
        if lister == .pushing { wanted.paths = index.rows.keys.sorted() }
        return index.answer(wanted).map { .records($0) }
    }
}
