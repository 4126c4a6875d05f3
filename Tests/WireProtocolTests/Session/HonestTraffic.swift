import SeededRandom
import SyncModel
import WireProtocol

/// Two honest sides and the frames between them, which take any time but keep their order.
struct HonestTraffic {
    /// What one side knows of the other's questions, and of its own.
    struct Side {
        /// Content that the other asked for, from here to there.
        var asked: [UInt32: (next: UInt64, end: UInt64)] = [:]
        /// What it asked for itself and did not call off: how much came.
        var wanted: [UInt32: (came: UInt64, length: UInt64)] = [:]
        var lastRequest: UInt32 = 0
        var barriers: [Barrier] = []
        var openBarriers: Set<UInt64> = []
        var lastToken: UInt64 = 0
        var hasOffered = false
        /// The other's log as it is read here.
        var reading: (stream: UInt32, epoch: IndexEpoch, opened: UInt64, received: UInt64)?
        /// Its own log as it is told.
        var telling: (stream: UInt32, epoch: IndexEpoch, opened: UInt64, next: UInt64)?
    }

    var random: SeededGenerator
    private(set) var sessions: [PeerSession]
    private(set) var sides = [Side(), Side()]
    /// On their way to each side.
    private var wires: [[Frame]] = [[], []]
    private(set) var faults: [String] = []
    private(set) var received = 0

    private static let folder = SessionPair.folder
    private static let content = FileContent(size: 1 << 40, hash: ContentHash(.zero))

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        let pair = try SessionPair.opened()
        sessions = [pair.left, pair.right]
    }

    /// One thing that may happen now.
    mutating func step() throws {
        let side = random.below(2)
        if random.below(3) > 0 { return try deliver(to: side) }
        switch random.below(10) {
        case 0: offer(by: side)
        case 1, 2: try ask(by: side)
        case 3, 4: answer(by: side)
        case 5: callOff(by: side)
        case 6: read(by: side)
        case 7, 8: tell(by: side)
        default: if random.chance() { askBarrier(by: side) } else { reachBarrier(by: side) }
        }
    }

    /// Everything that is on its way arrives, and everything that was asked is answered.
    mutating func end() throws {
        while !wires.joined().isEmpty || sides.contains(where: { !$0.asked.isEmpty || !$0.barriers.isEmpty }) {
            for side in 0..<2 {
                while !wires[side].isEmpty { try deliver(to: side) }
                answer(by: side)
                reachBarrier(by: side)
            }
            if !faults.isEmpty { return }
        }
    }

    // MARK: Sending

    @discardableResult
    private mutating func send(_ message: Message, by side: Int) -> Bool {
        let before = sessions[side]
        do {
            wires[1 - side].append(try sessions[side].send(message))
            return true
        } catch {
            if sessions[side] != before { faults.append("a refused \(message.type) changes its session") }
            if error.code != .tooMany, error.code != .unknownFolder { faults.append("\(message.type): \(error)") }
            return false
        }
    }

    private mutating func offer(by side: Int) {
        guard !sides[side].hasOffered else { return }
        sides[side].hasOffered = true
        send(.folderOffer([FolderOffer(folder: Self.folder, name: "photos", records: [])]), by: side)
    }

    private mutating func ask(by side: Int) throws {
        sides[side].lastRequest += 1
        let number = sides[side].lastRequest
        let offset = UInt64(random.below(1 << 20))
        let length = 1 + random.below(random.chance() ? 400 : Limits.requestBytes)
        let request = ContentRequest(
            request: number, folder: Self.folder, path: try RelativePath("a"), content: Self.content, offset: offset,
            length: UInt32(length), priority: .normal)
        if send(.contentRequest(request), by: side) { sides[side].wanted[number] = (0, UInt64(length)) }
    }

    private mutating func answer(by side: Int) {
        guard let (number, range) = sides[side].asked.min(by: { $0.key < $1.key }) else { return }
        if random.below(6) == 0 {
            sides[side].asked[number] = nil
            send(.requestFailed(RequestFailed(request: number, code: .unreadable)), by: side)
            return
        }
        let left = Int(range.end - range.next)
        let count = random.chance() ? left : 1 + random.below(left)
        let bytes = [UInt8](repeating: 7, count: count)
        let data = ContentData(request: number, offset: range.next, last: count == left, bytes: bytes[...])
        sides[side].asked[number] = count == left ? nil : (range.next + UInt64(count), range.end)
        send(.contentData(data), by: side)
    }

    private mutating func callOff(by side: Int) {
        guard let number = sides[side].wanted.keys.min() else { return }
        sides[side].wanted[number] = nil
        send(.cancelRequest(number), by: side)
    }

    /// Opens a stream, grants it more, or begins it again: elsewhere in the same log, or another log.
    private mutating func read(by side: Int) {
        let credit = UInt32(1 + random.below(300))
        func request(_ stream: UInt32, _ epoch: IndexEpoch, _ after: UInt64) -> Message {
            .indexRequest(
                IndexRequest(
                    folder: Self.folder, stream: stream, epoch: epoch, after: after, inlineLimit: 0, creditBytes: credit
                ))
        }
        let next = (sides[side].reading?.stream ?? 0) + 1
        guard let reading = sides[side].reading, random.below(4) > 0 else {
            let epoch = IndexEpoch(random.next())
            if send(request(next, epoch, 0), by: side) { sides[side].reading = (next, epoch, 0, 0) }
            return
        }
        if random.chance() {
            _ = send(request(reading.stream, reading.epoch, reading.opened), by: side)
            return
        }
        let after = random.pick([reading.opened, reading.received / 2, reading.received])
        guard send(request(next, reading.epoch, after), by: side) else { return }
        sides[side].reading = (next, reading.epoch, after, after)
    }

    private mutating func tell(by side: Int) {
        guard let telling = sides[side].telling, sessions[side].indexCredit(Self.folder) > 0 else { return }
        let upTo = telling.next + UInt64(1 + random.below(9))
        let batch = IndexBatch(
            folder: Self.folder, stream: telling.stream, epoch: telling.epoch, after: telling.next, upTo: upTo,
            head: 1 << 40, mark: nil,
            frontier: nil, entries: [])
        if send(.indexBatch(batch), by: side) { sides[side].telling?.next = upTo }
    }

    private mutating func askBarrier(by side: Int) {
        sides[side].lastToken += 1
        let token = sides[side].lastToken
        if send(.barrier(Barrier(folder: Self.folder, token: token)), by: side) {
            sides[side].openBarriers.insert(token)
        }
    }

    private mutating func reachBarrier(by side: Int) {
        guard !sides[side].barriers.isEmpty else { return }
        let barrier = sides[side].barriers.remove(at: random.below(sides[side].barriers.count))
        let reached = BarrierReached(
            folder: barrier.folder, token: barrier.token, reached: true, rootDigest: .zero, reason: "")
        send(.barrierReached(reached), by: side)
    }

    // MARK: Receiving

    private mutating func deliver(to side: Int) throws {
        guard !wires[side].isEmpty else { return }
        let output = sessions[side].receive(wires[side].removeFirst(), now: 0)
        wires[1 - side] += output.frames
        if let code = output.failure { faults.append("an honest side is refused: \(code)") }
        for message in output.messages { take(message, by: side) }
    }

    private mutating func take(_ message: Message, by side: Int) {
        received += 1
        switch message {
        case .contentRequest(let request):
            sides[side].asked[request.request] = (request.offset, request.offset + UInt64(request.length))
        case .cancelRequest(let number):
            if sides[side].asked.removeValue(forKey: number) != nil {
                send(.requestFailed(RequestFailed(request: number, code: .cancelled)), by: side)
            }
        case .contentData(let data):
            guard sides[side].wanted[data.request] != nil else { return faults.append("content that was called off") }
            sides[side].wanted[data.request]?.came += UInt64(data.bytes.count)
            guard data.last, let end = sides[side].wanted.removeValue(forKey: data.request) else { return }
            if end.came != end.length { faults.append("\(end.came) of \(end.length) bytes") }
        case .requestFailed(let failed):
            if sides[side].wanted.removeValue(forKey: failed.request) == nil {
                faults.append("a failure of what was called off")
            }
        case .indexRequest(let request):
            if sides[side].telling?.stream == request.stream { return }
            sides[side].telling = (request.stream, request.epoch, request.after, request.after)
        case .indexBatch(let batch):
            guard let reading = sides[side].reading, batch.stream == reading.stream, batch.after == reading.received
            else { return faults.append("a batch of another stream") }
            sides[side].reading?.received = batch.upTo
        case .barrier(let barrier): sides[side].barriers.append(barrier)
        case .barrierReached(let reached):
            if sides[side].openBarriers.remove(reached.token) == nil { faults.append("a barrier that was not asked") }
        default: break
        }
    }
}
