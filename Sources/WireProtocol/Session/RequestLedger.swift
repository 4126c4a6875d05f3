import SyncModel

/// The requests of one side that are under way on a connection. Each side keeps one for its own and one for the
/// other's, so a message is judged alike where it leaves and where it arrives.
struct RequestLedger: Hashable, Sendable {
    /// What is still to come.
    enum Expected: Hashable, Sendable {
        case content(next: UInt64, end: UInt64)
        case chunkNode
        case chunkReferences(first: UInt64)
        case bucket(UInt8, after: Bytes16?)
        case records
        case held(count: Int)
    }

    struct Entry: Hashable, Sendable {
        var expected: Expected
        var folder: FolderID
        var isCancelled = false
    }

    private(set) var entries: [UInt32: Entry] = [:]
    /// Content asked for and not yet answered.
    private(set) var bytes: UInt64 = 0

    /// Takes a request; passes over any other message.
    mutating func open(_ message: Message) throws(WireError) {
        switch message {
        case .contentRequest(let request):
            guard bytes + UInt64(request.length) <= UInt64(Limits.requestedBytes) else {
                throw WireError(.tooMany, "More than \(Limits.requestedBytes) bytes of content are asked for at once.")
            }
            let end = request.offset + UInt64(request.length)
            try add(request.request, .content(next: request.offset, end: end), request.folder)
            bytes += UInt64(request.length)
        case .chunkListRequest(let request):
            switch request.part {
            case .node: try add(request.request, .chunkNode, request.folder)
            case .flat(let first): try add(request.request, .chunkReferences(first: first), request.folder)
            }
        case .bucketRequest(let request):
            try add(request.request, .bucket(request.bucket, after: request.after), request.folder)
        case .recordsWanted(let wanted): try add(wanted.request, .records, wanted.folder)
        case .everHeldQuery(let query): try add(query.request, .held(count: query.items.count), query.folder)
        default: break
        }
    }

    private mutating func add(_ request: UInt32, _ expected: Expected, _ folder: FolderID) throws(WireError) {
        guard entries[request] == nil else {
            throw WireError(.tooMany, "The request number \(request) is under way already.")
        }
        guard entries.count < Limits.requests else {
            throw WireError(.tooMany, "More than \(Limits.requests) requests are under way.")
        }
        entries[request] = Entry(expected: expected, folder: folder)
    }

    /// Marks a request; false if it is not under way.
    mutating func cancel(_ request: UInt32) -> Bool {
        guard entries[request] != nil else { return false }
        entries[request]?.isCancelled = true
        return true
    }

    /// Takes an answer or a failure; passes over any other message. The result tells whether the answer is still
    /// wanted.
    mutating func answer(_ message: Message) throws(WireError) -> Bool {
        switch message {
        case .contentData(let data):
            return try content(data.request, offset: data.offset, count: data.bytes.count, last: data.last)
        case .chunkListData(let data):
            let entry = try entry(data.request)
            switch (entry.expected, data.part) {
            case (.chunkNode, .node): break
            case (.chunkReferences(let wanted), .flat(let first, _, _)) where wanted == first: break
            default: throw unfit(data.request)
            }
            return close(data.request, entry)
        case .bucketListing(let listing): return try take(listing)
        case .records(let records):
            let entry = try entry(records.request)
            guard entry.expected == .records else { throw unfit(records.request) }
            return records.last ? close(records.request, entry) : !entry.isCancelled
        case .everHeldAnswer(let answer):
            let entry = try entry(answer.request)
            guard entry.expected == .held(count: answer.held.count) else { throw unfit(answer.request) }
            return close(answer.request, entry)
        case .requestFailed(let failed):
            return close(failed.request, try entry(failed.request))
        default: return true
        }
    }

    /// Content follows without gap, and `last` is set exactly at the end of the range.
    mutating func content(_ request: UInt32, offset: UInt64, count: Int, last: Bool) throws(WireError) -> Bool {
        let entry = try entry(request)
        guard case .content(let next, let end) = entry.expected, offset == next, UInt64(count) <= end - next,
            last == (UInt64(count) == end - next)
        else { throw unfit(request) }
        if last { return close(request, entry) }
        bytes -= UInt64(count)
        entries[request]?.expected = .content(next: next + UInt64(count), end: end)
        return !entry.isCancelled
    }

    private mutating func take(_ listing: BucketListing) throws(WireError) -> Bool {
        let entry = try entry(listing.request)
        guard case .bucket(let bucket, let after) = entry.expected,
            listing.items.allSatisfy({ UInt8(truncatingIfNeeded: $0.pathHash.high >> 56) == bucket }),
            listing.last || !listing.items.isEmpty
        else { throw unfit(listing.request) }
        if let after, let first = listing.items.first, first.pathHash <= after { throw unfit(listing.request) }
        return close(listing.request, entry)
    }

    private func entry(_ request: UInt32) throws(WireError) -> Entry {
        guard let entry = entries[request] else {
            throw WireError(.unrequested, "The answer \(request) belongs to no request under way.")
        }
        return entry
    }

    private mutating func close(_ request: UInt32, _ entry: Entry) -> Bool {
        if case .content(let next, let end) = entry.expected { bytes -= end - next }
        entries[request] = nil
        return !entry.isCancelled
    }

    private func unfit(_ request: UInt32) -> WireError {
        WireError(.unrequested, "The answer \(request) is not what was asked for.")
    }
}
