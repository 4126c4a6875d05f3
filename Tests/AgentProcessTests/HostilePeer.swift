import AgentProcesses
import Glibc
import LanHosts
import SyncModel
import Synchronization
import TLSTransport
import WireProtocol

/// A device that speaks the protocol over real TLS as far as it likes: its frames go past any session.
final class HostilePeer {
    private final class Inbox: Sendable {
        let state = Mutex<(messages: [Message], isClosed: Bool)>(([], false))

        func take(_ type: UInt8, _ payload: [UInt8]) {
            guard let message = try? WireCodec.decode(Frame(type: type, payload: payload)) else { return }
            state.withLock { $0.messages.append(message) }
        }

        func close() { state.withLock { $0.isClosed = true } }
    }

    let connection: Connection
    private let transport: Transport
    private let inbox = Inbox()

    /// Dials the agent and says hello. With the identity of a stopped agent's home, it is the device that it was.
    init(dialling agent: Agent, as identity: Identity, isPaired: Bool) throws {
        transport = try Transport(identity: identity) { _ in isPaired ? .paired : .unpaired }
        let inbox = inbox
        connection = try Dialer(transport: transport).dial(
            [try SocketAddress(text: agent.address)], expecting: nil, timeoutMilliseconds: 30_000
        ) { _ in
            ConnectionHandler(
                frame: { type, payload in inbox.take(type, Array(payload)) }, closed: { _ in inbox.close() })
        }
        let hello = Hello(
            agentVersion: "hostile", deviceName: "hostile", capabilities: [.inlineContent], listen: [], generation: 1,
            isPaired: isPaired)
        try send(.hello(hello))
        _ = try answer("its hello") { if case .hello = $0 { true } else { nil } }
    }

    deinit { _ = transport.closeAll(timeoutMilliseconds: 10_000) }

    func send(_ message: Message) throws {
        let frame = try WireCodec.encode(message)
        try send(frame.type, frame.payload)
    }

    /// A connection that the other side has closed takes nothing more; that is no failure here.
    func send(_ type: UInt8, _ payload: [UInt8]) throws {
        try? connection.send(type: type, payload: payload, priority: .control)
    }

    /// The first message for which `pick` finds something.
    func answer<Value>(_ what: String, within seconds: Double = 30, _ pick: (Message) -> Value?) throws -> Value {
        let deadline = Clock.now() + seconds
        while true {
            let messages = inbox.state.withLock { $0.messages }
            if let found = messages.lazy.compactMap(pick).first { return found }
            guard Clock.now() < deadline else { throw LanError("not within \(seconds) s: \(what)") }
            usleep(5_000)
        }
    }

    /// Waits until the agent has ended the connection.
    /// - Returns: the code that it gave, if it gave one.
    func closed(within seconds: Double = 30) throws -> CloseCode? {
        let deadline = Clock.now() + seconds
        while !inbox.state.withLock({ $0.isClosed }) {
            guard Clock.now() < deadline else { throw LanError("the connection is still open after \(seconds) s") }
            usleep(5_000)
        }
        return inbox.state.withLock { state in
            state.messages.lazy.compactMap { if case .close(let close) = $0 { close.code } else { nil } }.first
        }
    }

    var secrets: [Message] {
        inbox.state.withLock { state in
            state.messages.filter { message in
                switch message {
                case .folderOffer(let offers): !offers.isEmpty
                case .folderState, .indexBatch, .contentData, .membership, .records, .bucketListing: true
                default: false
                }
            }
        }
    }
}
