import ModelFolder
import SeededRandom
import SyncModel

@testable import SyncCore

/// Sources that lose, lie, fall silent, vanish and come back, around one machine.
struct FetchWorld {
    struct Source {
        var isOpen = true
        /// Of a hundred requests: answered wrongly, refused.
        var liesPercent = 0
        var refusesPercent = 0
        var vanishesPercent = 0
        /// Nothing of it is lost or wrong: what it has must come in the end.
        var isHonest: Bool { liesPercent == 0 && refusesPercent == 0 && vanishesPercent == 0 }
    }

    private var machine = FetchMachine()
    private var generator: SeededGenerator
    private var peers: [DeviceID: Source] = [:]
    private var sources: [FileContent: Set<DeviceID>] = [:]
    private var lengths: [FileContent: [UInt32]] = [:]
    private var pending: [FetchRequest] = []
    private var left: [FileContent: Int] = [:]
    private(set) var wanted: [FileContent: [Int]] = [:]
    /// How often each wanted chunk came.
    private(set) var got: [FileContent: [Int: Int]] = [:]
    private(set) var failed: Set<FileContent> = []
    private(set) var faults: [String] = []

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        for number in 0..<UInt64.random(in: 1...4, using: &generator) {
            var source = Source()
            if Bool.random(using: &generator) {
                source.liesPercent = Int.random(in: 0...20, using: &generator)
                source.refusesPercent = Int.random(in: 0...10, using: &generator)
                source.vanishesPercent = Int.random(in: 0...5, using: &generator)
            }
            let device = sampleDevice(number)
            peers[device] = source
            machine.open(device)
        }
        for number in 0..<UInt64.random(in: 1...30, using: &generator) { order(number) }
    }

    private mutating func order(_ number: UInt64) {
        let count = Bool.random(using: &generator) ? 1 : Int.random(in: 2...400, using: &generator)
        let lengths = (0..<count).map { _ in UInt32.random(in: 8_192...131_072, using: &generator) }
        let size = lengths.reduce(0) { $0 + Int($1) }
        let content = FileContent(size: UInt64(size), hash: ContentHash(sampleBytes(number)))
        let has = peers.keys.sorted().filter { _ in Int.random(in: 0..<3, using: &generator) > 0 }
        machine.add(
            content, priority: FetchPriority.allCases.randomElement(using: &generator) ?? .bulk, sources: Set(has))
        sources[content] = Set(has)
        self.lengths[content] = lengths
        var spans: [ChunkSpan] = []
        var offset: UInt64 = 0
        var chunks: [Int] = []
        for index in lengths.indices {
            if count == 1 || Int.random(in: 0..<4, using: &generator) > 0 {
                chunks.append(index)
                if let last = spans.last, last.chunks.upperBound == index {
                    spans[spans.count - 1].chunks = last.chunks.lowerBound..<(index + 1)
                } else {
                    spans.append(ChunkSpan(chunks: index..<(index + 1), offset: offset))
                }
            }
            offset += UInt64(lengths[index])
        }
        wanted[content] = chunks
        machine.want(spans, lengths: lengths, of: content)
    }

    /// Whether a source that never fails has it.
    func isServable(_ content: FileContent) -> Bool {
        sources[content, default: []].contains { peers[$0]?.isHonest == true }
    }

    mutating func run() {
        for _ in 0..<200_000 {
            if machine.count == 0 { return }
            takeEnds()
            ask()
            guard let index = pending.indices.randomElement(using: &generator) else {
                takeEnds()
                if machine.count > 0 { faults.append("\(machine.count) fetches neither go on nor end") }
                return
            }
            answer(pending.remove(at: index))
        }
        faults.append("it does not end")
    }

    private mutating func takeEnds() {
        for (content, _) in machine.takeHopeless() { failed.insert(content) }
        for content in wanted.keys where machine.isComplete(content) { machine.remove(content) }
    }

    private mutating func ask() {
        var turn = peers.keys.sorted()
        while !turn.isEmpty {
            turn = turn.filter { peer in
                guard let request = machine.next(for: peer, now: 0) else { return false }
                check(request)
                pending.append(request)
                return true
            }
        }
        for peer in peers.keys {
            let own = pending.filter { $0.peer == peer }
            if own.count > Limits.requests - Limits.reservedRequests { faults.append("too many requests") }
            if own.reduce(0, { $0 + $1.length }) > Limits.requestedBytes { faults.append("too many bytes") }
        }
    }

    private mutating func check(_ request: FetchRequest) {
        guard peers[request.peer]?.isOpen == true else { return faults.append("a closed peer is asked") }
        guard sources[request.content, default: []].contains(request.peer) else {
            return faults.append("it has it not")
        }
        guard case .chunks(let span, let length) = request.item, let lengths = lengths[request.content] else { return }
        if length > UInt32(Limits.requestBytes) { faults.append("a request is too long") }
        if lengths[span.chunks].reduce(0, +) != length { faults.append("a request has another length than its chunks") }
        if lengths[..<span.chunks.lowerBound].reduce(0, { $0 + UInt64($1) }) != span.offset {
            faults.append("a request has another offset than its chunks")
        }
        for other in pending where other.content == request.content {
            if case .chunks(let span2, _) = other.item, span2.chunks.overlaps(span.chunks) {
                faults.append("chunks are asked for twice at once")
            }
        }
    }

    /// The source gives some chunks, then perhaps fails.
    private mutating func answer(_ request: FetchRequest) {
        guard let source = peers[request.peer], case .chunks(let span, _) = request.item else { return }
        let luck = Int.random(in: 0..<100, using: &generator)
        let count = span.chunks.count
        let isFaulty = luck < source.liesPercent + source.refusesPercent + source.vanishesPercent
        let good = isFaulty ? Int.random(in: 0..<count, using: &generator) : count
        var given = 0
        while given < good {
            let part = Int.random(in: 1...(good - given), using: &generator)
            if machine.received(request.token, chunks: part, now: 0) {
                for chunk in span.chunks.dropFirst(given).prefix(part) {
                    got[request.content, default: [:]][chunk, default: 0] += 1
                }
            }
            given += part
        }
        guard isFaulty else { return }
        if luck < source.liesPercent {
            machine.failed(request.token, .wrongBytes)
        } else if luck < source.liesPercent + source.refusesPercent {
            machine.failed(request.token, .changed)
        } else {
            machine.close(request.peer)
            pending.removeAll { $0.peer == request.peer }
            peers[request.peer]?.isOpen = false
            if Bool.random(using: &generator) {
                machine.open(request.peer)
                peers[request.peer]?.isOpen = true
            }
        }
    }
}
