import SyncModel

/// What is still to be fetched of one content, and from whom.
struct Fetch: Hashable, Sendable {
    let content: FileContent
    let rank: Rank
    /// Devices that have it, as far as they said.
    var sources: Set<DeviceID>
    /// Why those among them are not asked any more.
    var misses: [DeviceID: FetchMiss] = [:]
    /// Nodes to be asked for; the next one last.
    private(set) var nodes: [Bytes32] = []
    /// Chunks to be asked for; the next span last.
    private(set) var spans: [ChunkSpan] = []
    /// Of every chunk of the content.
    private(set) var lengths: [UInt32] = []
    /// Requests under way.
    var asked = 0

    /// The order in which contents are asked for.
    struct Rank: Hashable, Comparable {
        let priority: FetchPriority
        /// More than one request takes.
        let isLarge: Bool
        let arrival: UInt64

        static func < (left: Rank, right: Rank) -> Bool {
            if left.priority != right.priority { return left.priority < right.priority }
            if left.isLarge != right.isLarge { return right.isLarge }
            return left.arrival < right.arrival
        }
    }

    init(content: FileContent, rank: Rank, sources: Set<DeviceID>) {
        (self.content, self.rank, self.sources) = (content, rank, sources)
    }

    /// Something is wanted that nobody was asked for.
    var isWanting: Bool { !nodes.isEmpty || !spans.isEmpty }

    func isUsable(_ peer: DeviceID) -> Bool { sources.contains(peer) && misses[peer] == nil }

    mutating func want(nodes added: [Bytes32]) { nodes = added.reversed() + nodes }

    mutating func want(_ added: [ChunkSpan], lengths: [UInt32]) {
        self.lengths = lengths
        spans = added.filter { !$0.chunks.isEmpty }.reversed()
    }

    /// The next thing to ask for within the room; nil if there is nothing or it does not fit.
    mutating func next(_ room: FetchRoom) -> FetchRequest.Item? {
        guard room.requests > 0 else { return nil }
        if let node = nodes.popLast() { return .node(node) }
        guard let span = spans.last else { return nil }
        let limit = min(room.bytes, Limits.requestBytes)
        var (end, length) = (span.chunks.lowerBound, 0)
        while end < span.chunks.upperBound, length + Int(lengths[end]) <= limit {
            length += Int(lengths[end])
            end += 1
        }
        guard length > 0 else { return nil }
        spans.removeLast()
        let rest = ChunkSpan(chunks: end..<span.chunks.upperBound, offset: span.offset + UInt64(length))
        if !rest.chunks.isEmpty { spans.append(rest) }
        let asked = ChunkSpan(chunks: span.chunks.lowerBound..<end, offset: span.offset)
        return .chunks(asked, length: UInt32(length))
    }

    /// Takes back what was asked for and did not come.
    mutating func giveBack(_ item: FetchRequest.Item) {
        switch item {
        case .node(let hash): nodes.append(hash)
        case .chunks(let span, _): spans.append(span)
        }
    }

    /// Why it can't go on, once no source is left.
    var miss: FetchMiss {
        let found = Set(misses.values)
        for miss in [FetchMiss.changed, .wrongBytes, .refused, .busy, .notFound] where found.contains(miss) {
            return miss
        }
        return sources.isEmpty ? .none : .disconnected
    }
}
