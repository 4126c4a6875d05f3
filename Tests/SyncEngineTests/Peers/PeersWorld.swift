import Cryptography
import SyncCore
import SyncEngine
import SyncModel
import WireProtocol

/// A few devices on one network in virtual time: machines, real sessions between them, a store and discovery each.
struct PeersWorld {
    static let millisecond: UInt64 = 1_000_000
    static let second: UInt64 = 1_000_000_000

    enum Happening {
        case tick(Int)
        case event(Int, PeersEvent)
        case connect(from: Int, to: Int, DialAttempt)
        case frame(to: Int, ConnectionID, Frame)
        case cut(Int, ConnectionID, CloseCode?)
        /// The second sees the first's announcement as it is then.
        case seen(Int, by: Int)
        case store(Int, generation: UInt64, Ticket, [StoreChange])
    }

    var nodes: [PeersNode] = []
    var now: UInt64 = 10 * second
    var random: PeersRandom
    /// Pairs of nodes that do not reach each other.
    var blocked: Set<[Int]> = []
    var hasDiscovery = true
    /// The longest delay of anything on the way.
    var delay: UInt64
    private var queue: [(time: UInt64, order: UInt64, what: Happening)] = []
    private var order: UInt64 = 0
    private var nextConnection: UInt64 = 0
    private var lastArrival: [ConnectionID: UInt64] = [:]

    init(_ count: Int, seed: UInt64 = 1, delay: UInt64 = 3 * millisecond, discovery: Bool = true) {
        random = PeersRandom(seed: seed)
        self.delay = delay
        hasDiscovery = discovery
        for index in 0..<count {
            nodes.append(PeersNode(index, generation: 1, store: PeersStore()))
            boot(index)
        }
        run(milliseconds: 100)
    }

    // MARK: Devices

    mutating func boot(_ index: Int) {
        perform(index, nodes[index].machine.start(at: moment()))
        handle(index, .listening([nodes[index].address]))
        schedule(random.next() % PeersWorld.second, .tick(index))
        announce(index)
    }

    /// As after a kill: the store is all that is left. Its connections hang on the other side until they are cut.
    mutating func restart(_ index: Int, cutting: Bool = true) {
        if cutting { for connection in nodes[index].sessions.keys.sorted() { cut(index, connection) } }
        for connection in nodes[index].sessions.keys { nodes[index].ends[connection] = nil }
        let old = nodes[index]
        nodes[index] = PeersNode(index, generation: old.generation + 1, store: old.store)
        queue.removeAll { if case .tick(index) = $0.what { true } else { false } }
        boot(index)
    }

    /// Ends a connection without a word, at both ends.
    mutating func cut(_ index: Int, _ connection: ConnectionID) {
        guard let end = nodes[index].ends[connection] else { return }
        schedule(0, .cut(end.node, end.connection, nil))
        schedule(0, .cut(index, connection, nil))
    }

    mutating func block(_ left: Int, _ right: Int) {
        blocked.insert([min(left, right), max(left, right)])
        for (connection, end) in nodes[left].ends where end.node == right { cut(left, connection) }
    }

    mutating func unblock() { blocked = [] }

    /// A device that is off: nobody reaches it.
    mutating func takeAway(_ index: Int) {
        for other in nodes.indices where other != index {
            block(index, other)
            handle(other, .lost(nodes[index].key))
        }
    }

    // MARK: People

    @discardableResult
    mutating func command(_ index: Int, _ request: PeersCommand) -> CommandID {
        let command = CommandID(UInt64(nodes[index].commands) + 1)
        nodes[index].commands += 1
        handle(index, .command(command, request))
        return command
    }

    /// The reply to a command after some time at most.
    mutating func result(_ index: Int, _ request: PeersCommand, seconds: UInt64 = 60) -> Result<PeersReply, PeersError>?
    {
        let command = command(index, request)
        let end = now + seconds * PeersWorld.second
        while nodes[index].replies[command] == nil, now < end { run(milliseconds: 20) }
        return nodes[index].replies[command]
    }

    // MARK: Time

    mutating func run(milliseconds: UInt64) { run(until: now + milliseconds * PeersWorld.millisecond) }
    mutating func run(seconds: UInt64) { run(milliseconds: seconds * 1_000) }

    private mutating func run(until end: UInt64) {
        while let next = queue.indices.min(by: { (queue[$0].time, queue[$0].order) < (queue[$1].time, queue[$1].order) }
        ),
            queue[next].time <= end
        {
            let item = queue.remove(at: next)
            now = max(now, item.time)
            happen(item.what)
        }
        now = end
    }

    private mutating func happen(_ what: Happening) {
        switch what {
        case .tick(let index):
            handle(index, .tick)
            for connection in nodes[index].sessions.keys.sorted() {
                let output = nodes[index].sessions[connection]?.tick(now: now / PeersWorld.millisecond)
                take(output ?? SessionOutput(), index, connection)
            }
            schedule(PeersWorld.second, .tick(index))
        case .event(let index, let event): handle(index, event)
        case .connect(let from, let to, let attempt): connect(from, to, attempt)
        case .frame(let index, let connection, let frame):
            guard let output = nodes[index].sessions[connection]?.receive(frame, now: now / PeersWorld.millisecond)
            else { return }
            take(output, index, connection)
        case .cut(let index, let connection, let code): ended(index, connection, code)
        case .seen(let index, let other): seen(index, by: other)
        case .store(let index, let generation, let ticket, let changes):
            guard nodes[index].generation == generation else { return }
            let failure = nodes[index].failsToStore ? "The disk is full." : nodes[index].store.apply(changes)
            handle(index, failure.map { .storeFailed(ticket, message: $0) } ?? .stored(ticket))
        }
    }

    func moment(random: UInt64 = 7) -> Moment {
        Moment(monotonicNanoseconds: now, unixSeconds: 1_700_000_000 + Int64(now / PeersWorld.second), random: random)
    }

    mutating func handle(_ index: Int, _ event: PeersEvent) {
        perform(index, nodes[index].machine.handle(event, at: moment(random: random.next())))
    }

    mutating func schedule(_ after: UInt64, _ what: Happening) {
        order += 1
        queue.append((now + after, order, what))
    }

    mutating func chance() -> UInt64 { random.next() % max(1, delay) }

    // MARK: Connections

    func reaches(_ left: Int, _ right: Int) -> Bool { !blocked.contains([min(left, right), max(left, right)]) }

    mutating func dial(_ index: Int, _ attempt: DialAttempt, _ target: DialTarget, _ addresses: [String]) {
        nodes[index].dials += 1
        let other = nodes.indices.first { candidate in
            guard addresses.contains(nodes[candidate].address), reaches(index, candidate) else { return false }
            if case .device(let device) = target { return nodes[candidate].identity.device == device }
            return true
        }
        guard let other, other != index else {
            return schedule(chance(), .event(index, .dialFailed(attempt, message: "No answer.")))
        }
        schedule(chance(), .connect(from: index, to: other, attempt))
    }

    private mutating func connect(_ from: Int, _ to: Int, _ attempt: DialAttempt) {
        guard reaches(from, to) else { return handle(from, .dialFailed(attempt, message: "No answer.")) }
        let exporter = SHA256.hash((0..<4).map { _ in UInt8(truncatingIfNeeded: random.next()) } + [1])
        let ends = [(from, to), (to, from)].map { own, other in
            nextConnection += 1
            let connection = ConnectionID(nextConnection)
            nodes[own].begin(
                connection, with: nodes[other], exporter: exporter, attempt: own == from ? attempt : nil,
                now: now / PeersWorld.millisecond)
            return connection
        }
        nodes[from].ends[ends[0]] = (to, ends[1])
        nodes[to].ends[ends[1]] = (from, ends[0])
        for (index, connection) in [(from, ends[0]), (to, ends[1])] {
            guard let hello = try? nodes[index].sessions[connection]?.start() else { continue }
            transmit(hello, index, connection)
        }
    }

    mutating func transmit(_ frame: Frame, _ index: Int, _ connection: ConnectionID) {
        guard let end = nodes[index].ends[connection], reaches(index, end.node) else { return }
        let arrival = max(now + chance(), lastArrival[end.connection] ?? 0)
        lastArrival[end.connection] = arrival
        schedule(arrival - now, .frame(to: end.node, end.connection, frame))
    }

    mutating func take(_ output: SessionOutput, _ index: Int, _ connection: ConnectionID) {
        for frame in output.frames { transmit(frame, index, connection) }
        for event in output.events {
            switch event {
            case .opened(let hello, _):
                if let link = nodes[index].opened(connection, hello) { handle(index, .linkOpened(link)) }
            case .paired: handle(index, .linkPaired(connection))
            case .message(let message): handle(index, .message(connection, message))
            case .refused: nodes[index].refusals += 1
            case .closed(let close): ended(index, connection, close.code)
            case .failed(let error):
                nodes[index].failures.append(error)
                ended(index, connection, nil)
            }
        }
    }

    mutating func ended(_ index: Int, _ connection: ConnectionID, _ code: CloseCode?) {
        guard let began = nodes[index].forget(connection) else { return }
        if began.isOpen {
            handle(index, .linkClosed(connection, code: code, livedNanoseconds: now - began.time))
        } else if let attempt = began.attempt {
            handle(index, .dialFailed(attempt, message: "The connection ended."))
        }
    }
}
