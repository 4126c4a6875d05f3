import Glibc
import SyncModel
import Synchronization
import Testing

@testable import TLSTransport

/// All tests of the module, one at a time: some count the process's descriptors and threads.
@Suite(.serialized) enum TransportTests {}

/// How long an event may be awaited before the test fails; no test measures time.
let patienceMilliseconds = 60_000

func patience() -> UInt64 { MonotonicClock.deadline(in: patienceMilliseconds) }

/// One side of connections: what came, in order, and how it ended.
final class Recorder: Sendable {
    struct Frame: Equatable {
        let type: UInt8
        let payload: [UInt8]
    }

    struct State {
        var frames: [Frame] = []
        var connections: [Connection] = []
        var reasons: [CloseReason] = []
        var refusals: [TransportError] = []
    }

    let monitor = Monitor(State())

    func handler(
        produceBulk: (@Sendable (UnsafeMutableRawBufferPointer) -> (type: UInt8, length: Int)?)? = nil
    ) -> ConnectionHandler {
        ConnectionHandler(
            frame: { type, payload in
                let frame = Frame(type: type, payload: Array(payload))
                self.monitor.announce { $0.frames.append(frame) }
            }, produceBulk: produceBulk, closed: { self.closed($0) })
    }

    func closed(_ reason: CloseReason) { monitor.announce { $0.reasons.append(reason) } }

    func established(_ connection: Connection) { monitor.announce { $0.connections.append(connection) } }

    func refused(_ error: TransportError) { monitor.announce { $0.refusals.append(error) } }

    func frames(_ count: Int) throws -> [Frame] {
        try #require(monitor.wait(until: patience()) { $0.frames.count >= count ? $0.frames : nil })
    }

    func connection(_ index: Int = 0) throws -> Connection {
        try #require(monitor.wait(until: patience()) { $0.connections.count > index ? $0.connections[index] : nil })
    }

    func reason() throws -> CloseReason { try #require(monitor.wait(until: patience()) { $0.reasons.first }) }

    func refusal() throws -> TransportError { try #require(monitor.wait(until: patience()) { $0.refusals.first }) }
}

/// A device with a listener on loopback.
struct Device {
    let identity: Identity
    let transport: Transport
    let recorder = Recorder()
    let listener: Listener

    var address: SocketAddress { listener.addresses[0] }

    /// Limits that leave the test's many connections from one address and one device alone.
    static var wide: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.connectionsPerDevice = 512
        limits.handshakesPerSource = 512
        limits.handshakes = 512
        limits.handshakeBurst = 100_000
        return limits
    }

    init(
        limits: ConnectionLimits = Device.wide, address: SocketAddress = .loopback(port: 0),
        authorize: @escaping @Sendable (DeviceID) -> DeviceAuthorization = { _ in .paired },
        handler: (@Sendable (Connection) -> ConnectionHandler)? = nil
    ) throws {
        identity = try Identity.ephemeral()
        transport = try Transport(identity: identity, limits: limits, authorize: authorize)
        let recorder = self.recorder
        listener = try Listener(
            transport: transport, addresses: [address],
            established: { connection in
                recorder.established(connection)
                return handler?(connection) ?? recorder.handler()
            }, refused: { _, error in recorder.refused(error) })
    }

    func dial(
        _ other: Device, expecting: DeviceID? = nil, handler: (@Sendable (Connection) -> ConnectionHandler)? = nil
    ) throws -> Connection {
        let recorder = self.recorder
        return try Dialer(transport: transport).dial(
            [other.address], expecting: expecting, timeoutMilliseconds: patienceMilliseconds
        ) { connection in handler?(connection) ?? recorder.handler() }
    }

    func close() {
        listener.close()
        #expect(transport.closeAll(timeoutMilliseconds: patienceMilliseconds))
    }
}

/// Two devices, the second dialled by the first.
struct Pair {
    let near: Device
    let far: Device
    let nearConnection: Connection
    let farConnection: Connection

    init(
        limits: ConnectionLimits = Device.wide,
        nearHandler: (@Sendable (Connection) -> ConnectionHandler)? = nil,
        farHandler: (@Sendable (Connection) -> ConnectionHandler)? = nil,
        farAuthorize: @escaping @Sendable (DeviceID) -> DeviceAuthorization = { _ in .paired }
    ) throws {
        near = try Device(limits: limits)
        far = try Device(limits: limits, authorize: farAuthorize, handler: farHandler)
        nearConnection = try near.dial(far, handler: nearHandler)
        farConnection = try far.recorder.connection()
    }

    func close() {
        near.close()
        far.close()
    }
}

/// Something that one thread waits for and another opens.
final class Gate: Sendable {
    private let monitor = Monitor(false)

    func open() { monitor.announce { $0 = true } }

    @discardableResult
    func pass() -> Bool { monitor.wait(until: patience()) { $0 ? true : nil } ?? false }
}

/// Entries of a directory of /proc: descriptors or threads of this process.
func processEntries(_ name: String) -> Int {
    guard let directory = opendir("/proc/self/\(name)") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}

/// Waits until `condition` holds: for what the system does without telling anyone.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = patience()
    while !condition() {
        if MonotonicClock.milliseconds > deadline { return false }
        sched_yield()
    }
    return true
}

/// A plain TCP client of loopback: blocking, for bytes that no TLS library would send.
final class RawSocket {
    let descriptor: Int32

    init(_ address: SocketAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var storage = address.storage
        let done = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(done == 0)
        var limit = timeval(tv_sec: patienceMilliseconds / 1_000, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Reads until the other side closes; false if it didn't in time.
    func awaitEnd() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return true }
            if count < 0 { return false }
        }
    }
}
