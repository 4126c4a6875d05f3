import SyncModel
import WireProtocol

/// A connection of two devices: messages arrive in their order, and each side's log is pumped to the other.
struct SimulatedLink {
    enum Item {
        case message(Message)
        case batch(IndexBatch, contents: [FileContent], bytes: Int)
    }

    /// What one side sends, and how far it has sent its log (`IndexPump`).
    struct Side {
        var queue: [Item] = []
        var request: IndexRequest?
        var position: IndexSequence = 0
        /// The other's log, as it said on this link.
        var epoch: IndexEpoch?
        var credit = 0
        var toldMark: LogMark?
        var toldFrontier: VersionVector?
        /// The stream that this side asked for, as the session sees it.
        var stream: Stream?
        /// Of so many chances to deliver, one is taken.
        var slowness = 1
    }

    /// A stream as its requester's session knows it (`IndexStreams`).
    struct Stream {
        var number: UInt32
        var epoch: IndexEpoch
        var opened: IndexSequence
        var next: IndexSequence
        var credit: Int
        var isReplacement: Bool
    }

    let devices: [Int]
    var sides: [Side]
    /// Records in a batch, at most.
    let batchRecords: Int

    init(_ first: Int, _ second: Int, slowness: [Int], batchRecords: Int) {
        devices = [first, second]
        sides = slowness.map { slowness in
            var side = Side()
            side.slowness = slowness
            return side
        }
        self.batchRecords = batchRecords
    }

    func side(of device: Int) -> Int { devices[0] == device ? 0 : 1 }

    /// What a device's machine asks of the other's log; text if it breaks the protocol.
    mutating func note(_ request: IndexRequest, by side: Int) -> String? {
        let credit = Int(request.creditBytes)
        guard var stream = sides[side].stream, stream.number >= request.stream else {
            sides[side].stream = Stream(
                number: request.stream, epoch: request.epoch, opened: request.after, next: request.after,
                credit: credit,
                isReplacement: sides[side].stream != nil)
            return nil
        }
        guard stream.number == request.stream, stream.epoch == request.epoch, stream.opened == request.after else {
            return "a stream is asked for again as another one"
        }
        guard stream.credit + credit <= Limits.indexCreditBytes else { return "too much credit" }
        stream.credit += credit
        sides[side].stream = stream
        return nil
    }

    /// A batch came to a side: whether it is to be passed on; text if it breaks the protocol.
    mutating func admit(_ batch: IndexBatch, bytes: Int, to side: Int) -> (isTaken: Bool, failure: String?) {
        guard var stream = sides[side].stream else { return (false, "a batch was not asked for") }
        if stream.isReplacement, batch.stream < stream.number { return (false, nil) }
        guard batch.stream == stream.number, batch.epoch == stream.epoch, batch.after == stream.next else {
            return (false, "a batch does not follow the one before")
        }
        guard stream.credit > 0 else { return (false, "a batch without credit") }
        stream.credit -= bytes
        stream.next = batch.upTo
        stream.isReplacement = false
        sides[side].stream = stream
        return (true, nil)
    }

    /// A request for a side's log arrived there.
    mutating func take(_ request: IndexRequest, at side: Int) {
        let isMore = sides[side].request?.stream == request.stream
        sides[side].request = request
        if isMore {
            sides[side].credit += Int(request.creditBytes)
        } else {
            sides[side].position = request.after
            sides[side].credit = Int(request.creditBytes)
            (sides[side].toldMark, sides[side].toldFrontier) = (nil, nil)
        }
    }

    /// Whether a side has something to say of its log.
    func canPump(_ side: Int, _ mark: LogMark, _ frontier: VersionVector, _ epoch: IndexEpoch) -> Bool {
        let side = sides[side]
        guard let request = side.request, request.epoch == epoch, mark.sequence >= side.position else { return false }
        return side.credit > 0
            && (mark != side.toldMark || frontier != side.toldFrontier || mark.sequence > side.position)
    }

    /// How many of these have room in a batch, at least one (`BatchBuilder`).
    private static func prefix(_ rows: ArraySlice<IndexRow>) -> Int {
        var bytes = 0
        let fitting = rows.prefix { row in
            bytes += row.record.content.size <= UInt64(Limits.inlineBytes) ? Int(row.record.content.size) : 0
            return bytes <= Limits.batchBytes
        }
        return max(fitting.count, min(1, rows.count))
    }

    /// Sends what comes next of a device's log.
    mutating func pump(_ side: Int, _ page: LogPage) {
        let following = sides[side].request.map { $0.takesMoves && ($0.after > 0 || sides[side].toldMark != nil) }
        let part =
            following == true
            ? LogPart.next(of: page.rows.map(\.record), isLast: page.isLast, least: 1, hashing: simulatedHash)
            : .records(page.rows.count)
        let count =
            switch part {
            case .records(let count): Self.prefix(page.rows[..<count])
            case .move(_, let count): count
            }
        let rows = page.rows[..<count]
        let upTo = count == page.rows.count ? page.upTo : rows.last?.sequence ?? page.upTo
        let isEnd = count == page.rows.count && page.isLast && upTo == page.mark.sequence
        var contents: [FileContent] = []
        var bytes = 64
        var entries = rows.map { row in
            bytes += 200
            if case .file(let content) = row.record.content, content.size <= Limits.inlineBytes,
                page.readable.contains(row.sequence)
            {
                contents.append(content)
                bytes += Int(content.size)
            }
            return WireProtocol.IndexEntry(sequence: row.sequence, item: .record(row.record, inline: nil))
        }
        if case .move(let move, _) = part, let first = rows.first {
            entries = [WireProtocol.IndexEntry(sequence: first.sequence, item: .move(move))]
            contents = []
        }
        let batch = IndexBatch(
            folder: page.folder, stream: sides[side].request?.stream ?? 0, epoch: page.epoch,
            after: sides[side].position, upTo: upTo,
            head: max(page.mark.sequence, upTo), mark: isEnd ? page.mark.hash : nil,
            frontier: isEnd ? page.frontier : nil, entries: entries)
        sides[side].queue.append(.batch(batch, contents: contents, bytes: bytes))
        sides[side].credit -= bytes
        sides[side].position = upTo
        if isEnd { (sides[side].toldMark, sides[side].toldFrontier) = (page.mark, page.frontier) }
    }
}

/// What a device has to tell of its log beyond a place.
struct LogPage {
    let folder: FolderID
    let epoch: IndexEpoch
    let mark: LogMark
    let frontier: VersionVector
    let rows: [IndexRow]
    /// Of which of them the contents stand at their paths.
    let readable: Set<IndexSequence>
    let upTo: IndexSequence
    let isLast: Bool
}

extension SimulatedDevice {
    func page(for side: SimulatedLink.Side, to other: DeviceID, limit: Int) -> LogPage {
        let (rows, upTo, isLast) = index.log(after: side.position, limit: limit, without: other, in: side.epoch)
        var readable: Set<IndexSequence> = []
        for row in rows where holds(row) { readable.insert(row.sequence) }
        return LogPage(
            folder: index.folder, epoch: index.epoch, mark: index.mark, frontier: index.frontier, rows: rows,
            readable: readable, upTo: upTo, isLast: isLast)
    }
}
