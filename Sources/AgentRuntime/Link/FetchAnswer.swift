internal import WireProtocol

/// What becomes of a request of a fetcher. Comes on the connection's thread.
enum FetchAnswer {
    case content(ContentData)
    case chunkList(ChunkListData)
    case failed(RequestFailure)
    /// The link has closed.
    case closed

    /// Whether nothing follows.
    var isLast: Bool {
        switch self {
        case .content(let data): data.last
        case .chunkList, .failed, .closed: true
        }
    }
}

/// Where the answers to the requests of all fetchers go, on one link. Cancelled ones are no longer in it.
struct RequestTable {
    typealias Take = @Sendable (FetchAnswer) -> Void

    /// Numbers from here on are the fetchers'; lower ones the engine's.
    static let firstNumber: UInt32 = 1 << 31

    private var pending: [UInt32: Take] = [:]
    private var last = RequestTable.firstNumber

    /// A number for a request.
    mutating func open(_ take: @escaping Take) -> UInt32 {
        repeat { last = last == .max ? RequestTable.firstNumber : last + 1 } while pending[last] != nil
        pending[last] = take
        return last
    }

    /// The closure that an answer goes to; nil if nobody waits for it.
    mutating func answer(_ number: UInt32, isLast: Bool) -> Take? {
        isLast ? pending.removeValue(forKey: number) : pending[number]
    }

    /// False if it is not under way.
    @discardableResult
    mutating func remove(_ number: UInt32) -> Bool { pending.removeValue(forKey: number) != nil }

    mutating func removeAll() -> [Take] {
        defer { pending = [:] }
        return Array(pending.values)
    }
}
