public import SyncModel

/// Decides what to ask of which peer, for the contents that one folder wants: a value machine without clock or bytes.
///
/// All sources of a content are asked at once, each for other chunks. What a source does not give is asked of another
/// one; a source that failed is not asked again for that content. A fetch whose last source is gone is hopeless and
/// ends with a reason. Priorities go first, then contents of one request, then the order of arrival; larger ones leave
/// some room to smaller ones.
public struct FetchMachine: Sendable {
    private struct Asked {
        var request: FetchRequest
        /// What of it has not come yet.
        var item: FetchRequest.Item
    }

    private struct Peer {
        var room = FetchRoom.whole
        var tokens: Set<UInt64> = []
        /// When something came last, or the first of the requests under way was made.
        var heardMilliseconds: UInt64 = 0
    }

    private var fetches: [FileContent: Fetch] = [:]
    /// Those of which something is to be asked for, by rank.
    private var wanting: [(rank: Fetch.Rank, content: FileContent)] = []
    private var peers: [DeviceID: Peer] = [:]
    private var asked: [UInt64: Asked] = [:]
    private var arrivals: UInt64 = 0
    private var lastToken: UInt64 = 0

    public init() {}

    /// Contents under way.
    public var count: Int { fetches.count }

    /// Whether the content is under way.
    public func contains(_ content: FileContent) -> Bool { fetches[content] != nil }

    // MARK: Orders

    /// Begins a content, of which nothing is wanted yet; or adds sources to one that is under way.
    public mutating func add(_ content: FileContent, priority: FetchPriority, sources: Set<DeviceID>) {
        if fetches[content] != nil {
            fetches[content]?.sources.formUnion(sources)
            return
        }
        arrivals += 1
        let rank = Fetch.Rank(
            priority: priority, isLarge: content.size > UInt64(Limits.requestBytes), arrival: arrivals)
        fetches[content] = Fetch(content: content, rank: rank, sources: sources)
    }

    /// Nodes of its chunk list's tree are wanted too.
    public mutating func want(nodes: [Bytes32], of content: FileContent) {
        fetches[content]?.want(nodes: nodes)
        place(content)
    }

    /// Exactly these chunks are wanted, in this order. `lengths` are those of all its chunks; one chunk must fit a
    /// request.
    public mutating func want(_ spans: [ChunkSpan], lengths: [UInt32], of content: FileContent) {
        fetches[content]?.want(spans, lengths: lengths)
        place(content)
    }

    /// Ends a content: complete, or given up. The requests under way for it, whose answers no longer count.
    @discardableResult
    public mutating func remove(_ content: FileContent) -> [FetchRequest] {
        guard let rank = fetches[content]?.rank else { return [] }
        place(content, rank, isWanting: false)
        fetches[content] = nil
        let requests = asked.values.filter { $0.request.content == content }.map(\.request)
        for request in requests { close(request) }
        return requests
    }

    /// Whether all that was wanted has come.
    public func isComplete(_ content: FileContent) -> Bool {
        fetches[content].map { !$0.isWanting && $0.asked == 0 } ?? false
    }

    /// Removes and returns the contents for which something is wanted and nobody is left to ask, with the reason.
    public mutating func takeHopeless() -> [(content: FileContent, miss: FetchMiss)] {
        let open = Set(peers.keys)
        let hopeless = fetches.values.filter { fetch in
            fetch.isWanting && fetch.asked == 0 && !open.contains(where: fetch.isUsable)
        }
        for fetch in hopeless { remove(fetch.content) }
        return hopeless.sorted { $0.rank < $1.rank }.map { ($0.content, $0.miss) }
    }

    // MARK: Peers

    /// The peer can be asked.
    public mutating func open(_ peer: DeviceID) { if peers[peer] == nil { peers[peer] = Peer() } }

    /// What it was asked for is wanted from others; it may come back.
    public mutating func close(_ peer: DeviceID) {
        guard let tokens = peers[peer]?.tokens else { return }
        for token in tokens.sorted(by: >) { giveBack(token) }
        peers[peer] = nil
    }

    /// Peers that were asked and gave nothing for `Limits.fetchStallMilliseconds`: to be disconnected.
    public func stalled(now: UInt64) -> [DeviceID] {
        peers.filter { !$0.value.tokens.isEmpty && now >= $0.value.heardMilliseconds + Limits.fetchStallMilliseconds }
            .keys.sorted()
    }

    /// Something came of what the peer was asked for.
    public mutating func heard(_ peer: DeviceID, now: UInt64) { peers[peer]?.heardMilliseconds = now }

    // MARK: Requests

    /// What to ask the peer for next; nil if there is nothing for it, or no room. `room` is what its connection has
    /// left, which several folders may share. Each call is one request; take turns between peers, so that all of them
    /// work.
    public mutating func next(for peer: DeviceID, room: FetchRoom = .whole, now: UInt64) -> FetchRequest? {
        guard let own = peers[peer]?.room.limited(to: room), own.requests > 0 else { return nil }
        var large = 0
        for (rank, content) in wanting {
            if rank.isLarge {
                large += 1
                if large > Limits.activeLargeTransfers { continue }
            }
            guard fetches[content]?.isUsable(peer) == true,
                let item = fetches[content]?.next(rank.isLarge ? own.forLarge : own)
            else { continue }
            place(content)
            lastToken += 1
            let request = FetchRequest(token: lastToken, peer: peer, content: content, item: item)
            asked[lastToken] = Asked(request: request, item: item)
            fetches[content]?.asked += 1
            if peers[peer]?.tokens.isEmpty == true { peers[peer]?.heardMilliseconds = now }
            peers[peer]?.tokens.insert(lastToken)
            peers[peer]?.room.requests -= 1
            peers[peer]?.room.bytes -= request.length
            return request
        }
        return nil
    }

    /// The next `chunks` chunks of a request came and are verified; false if it does not count any more.
    @discardableResult
    public mutating func received(_ token: UInt64, chunks: Int, now: UInt64) -> Bool {
        guard let entry = asked[token], case .chunks(let span, let length) = entry.item,
            let lengths = fetches[entry.request.content]?.lengths, chunks <= span.chunks.count
        else { return false }
        peers[entry.request.peer]?.heardMilliseconds = now
        let end = span.chunks.lowerBound + chunks
        let bytes = lengths[span.chunks.lowerBound..<end].reduce(0, +)
        let rest = ChunkSpan(chunks: end..<span.chunks.upperBound, offset: span.offset + UInt64(bytes))
        asked[token]?.item = .chunks(rest, length: length - bytes)
        if rest.chunks.isEmpty { finish(entry.request) }
        return true
    }

    /// The node of a request came and is verified.
    @discardableResult
    public mutating func receivedNode(_ token: UInt64, now: UInt64) -> Bool {
        guard let entry = asked[token], case .node = entry.item else { return false }
        peers[entry.request.peer]?.heardMilliseconds = now
        finish(entry.request)
        return true
    }

    /// The rest of a request will not come: its source is not asked for this content again. False if it did not count.
    @discardableResult
    public mutating func failed(_ token: UInt64, _ miss: FetchMiss) -> Bool {
        guard let request = asked[token]?.request else { return false }
        giveBack(token)
        fetches[request.content]?.misses[request.peer] = miss
        return true
    }

    /// A request was not made after all, or its connection has ended: the rest of it is wanted again.
    public mutating func withdraw(_ token: UInt64) { giveBack(token) }

    private mutating func giveBack(_ token: UInt64) {
        guard let entry = asked[token] else { return }
        finish(entry.request)
        fetches[entry.request.content]?.giveBack(entry.item)
        place(entry.request.content)
    }

    private mutating func finish(_ request: FetchRequest) {
        fetches[request.content]?.asked -= 1
        close(request)
    }

    private mutating func close(_ request: FetchRequest) {
        asked[request.token] = nil
        peers[request.peer]?.tokens.remove(request.token)
        peers[request.peer]?.room.requests += 1
        peers[request.peer]?.room.bytes += request.length
    }

    /// Keeps `wanting` true after a change of the content's fetch.
    private mutating func place(_ content: FileContent) {
        guard let fetch = fetches[content] else { return }
        place(content, fetch.rank, isWanting: fetch.isWanting)
    }

    private mutating func place(_ content: FileContent, _ rank: Fetch.Rank, isWanting: Bool) {
        var (low, high) = (0, wanting.count)
        while low < high {
            let middle = (low + high) / 2
            if wanting[middle].rank < rank { low = middle + 1 } else { high = middle }
        }
        let isThere = low < wanting.count && wanting[low].rank == rank
        if isWanting, !isThere { wanting.insert((rank, content), at: low) }
        if !isWanting, isThere { wanting.remove(at: low) }
    }
}
