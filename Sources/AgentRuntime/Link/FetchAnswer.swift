internal import SyncModel
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

/// The requests of all fetchers that are under way on one link, with what `Limits` leave them.
struct RequestTable {
    struct Pending {
        let bytes: Int
        /// Nil once it was cancelled: its answer is awaited all the same, and its room stays taken.
        var take: (@Sendable (FetchAnswer) -> Void)?
    }

    /// Numbers from here on are the fetchers'; lower ones the engine's.
    static let firstNumber: UInt32 = 1 << 31

    private(set) var pending: [UInt32: Pending] = [:]
    private var bytes = 0
    private var last = RequestTable.firstNumber

    /// Requests and bytes that may still be asked for.
    var room: (requests: Int, bytes: Int) {
        (Limits.requests - Limits.reservedRequests - pending.count, Limits.requestedBytes - bytes)
    }

    /// A number for a request of so many bytes; nil if there is no room.
    mutating func open(bytes count: Int, _ take: @escaping @Sendable (FetchAnswer) -> Void) -> UInt32? {
        guard room.requests > 0, room.bytes >= count else { return nil }
        repeat { last = last == .max ? RequestTable.firstNumber : last + 1 } while pending[last] != nil
        pending[last] = Pending(bytes: count, take: take)
        bytes += count
        return last
    }

    /// The closure that an answer goes to; after the last answer the room is free again.
    mutating func answer(_ number: UInt32, isLast: Bool) -> (@Sendable (FetchAnswer) -> Void)? {
        guard let entry = pending[number] else { return nil }
        if isLast { remove(number) }
        return entry.take
    }

    mutating func remove(_ number: UInt32) {
        guard let entry = pending.removeValue(forKey: number) else { return }
        bytes -= entry.bytes
    }

    /// False if it is not under way.
    mutating func cancel(_ number: UInt32) -> Bool {
        guard pending[number]?.take != nil else { return false }
        pending[number]?.take = nil
        return true
    }

    mutating func removeAll() -> [Pending] {
        defer { (pending, bytes) = ([:], 0) }
        return Array(pending.values)
    }
}
