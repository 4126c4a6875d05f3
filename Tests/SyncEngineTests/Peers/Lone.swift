import Cryptography
import SyncCore
import SyncEngine
import SyncModel
import WireProtocol

/// A machine by itself: links are opened by hand.
struct Lone {
    var machine: PeersMachine
    let identity: PeersIdentity
    var now: UInt64 = 1_000_000_000_000
    private var connections: UInt64 = 0

    init(_ number: Int, store: PeersStore = PeersStore()) {
        identity = PeersNode.identity(number)
        machine = PeersMachine(identity: identity, store: store, seed: SHA256.hash([UInt8(number)]))
        _ = machine.start(at: moment)
    }

    private var moment: Moment {
        Moment(monotonicNanoseconds: now, unixSeconds: Int64(now / 1_000_000_000), random: now)
    }

    mutating func handle(_ event: PeersEvent) -> [PeersEffect] {
        now += 1_000_000
        return machine.handle(event, at: moment)
    }

    mutating func open(
        _ device: DeviceID, incoming: Bool = true, attempt: DialAttempt? = nil, exporter: UInt8 = 1,
        saysPaired: Bool = false
    ) -> (ConnectionID, [PeersEffect]) {
        connections += 1
        let hello = Hello(
            agentVersion: "t", deviceName: "other", capabilities: [], listen: [], generation: 1,
            isPaired: saysPaired)
        let link = Link(
            connection: ConnectionID(connections), device: device, direction: incoming ? .incoming : .outgoing,
            remoteAddress: "10.0.0.9:1", hello: hello, saidPaired: machine.isPaired(device), attempt: attempt,
            pairingExporter: SHA256.hash([exporter]), joinExporter: SHA256.hash([exporter]))
        return (link.connection, handle(.linkOpened(link)))
    }

    static func messages(_ effects: [PeersEffect]) -> [Message] {
        effects.compactMap { if case .send(_, let message) = $0 { message } else { nil } }
    }

    static func reply(_ effects: [PeersEffect]) -> Result<PeersReply, PeersError>? {
        effects.compactMap { if case .reply(_, let result) = $0 { result } else { nil } }.last
    }
}
