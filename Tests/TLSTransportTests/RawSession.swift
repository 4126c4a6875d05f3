import Glibc
import Testing

@testable import TLSTransport

/// A TLS client that proves its identity and then sends any bytes at all: a device that went bad.
final class RawSession {
    private let socket: Socket
    private let session: TLSSession

    init(_ identity: Identity, _ address: SocketAddress) throws {
        socket = try Socket.connecting(to: address)
        session = try TLSSession(TLSContext(identity: identity, accepting: false), socket: socket, accepting: false)
        try run { session.shakeHands() }
    }

    deinit { socket.close() }

    func write(_ bytes: [UInt8]) throws {
        var left = bytes[...]
        while !left.isEmpty { left = left.dropFirst(try run { left.withUnsafeBytes { session.write($0) } }) }
    }

    /// A frame's header and as much of its payload as is wanted.
    func writeHeader(type: UInt8 = 1, announcing count: Int, sending payload: [UInt8] = []) throws {
        let length = (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - $0 * 8)) }
        try write(length + [type] + payload)
    }

    /// Says goodbye as TLS wants it.
    func close() throws { try run { session.sayGoodbye() } }

    /// Bytes that pass TLS by, as someone on the network could put them in.
    func writeBeneath(_ bytes: [UInt8]) { _ = send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Ends the TCP connection without a word to TLS.
    func hangUp() { shutdown(socket.descriptor, Int32(SHUT_RDWR)) }

    @discardableResult
    private func run(_ call: () -> TLSSession.Outcome) throws -> Int {
        let deadline = patience()
        while true {
            var events = Int16(POLLIN)
            switch call() {
            case .done(let count): return count
            case .ended: throw TransportError(.closed, "closed by the other side")
            case .failed(let error): throw error
            case .wantsRead: break
            case .wantsWrite: events = Int16(POLLOUT)
            }
            var polled = pollfd(fd: socket.descriptor, events: events, revents: 0)
            guard poll(&polled, 1, MonotonicClock.pollTimeout(deadline)) > 0 else {
                throw TransportError(.handshakeTimedOut, "the other side is silent")
            }
        }
    }
}

/// A TCP port of loopback that connects and then says nothing.
final class SilentPort {
    let address: SocketAddress
    private let socket: Socket

    init() throws {
        socket = try Socket.listening(at: .loopback(port: 0))
        address = try #require(socket.localAddress)
    }

    deinit { socket.close() }

    /// Waits until someone has connected.
    func awaitCaller() throws {
        var polled = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&polled, 1, Int32(patienceMilliseconds)) == 1)
    }

    /// A port at which nobody listens any more.
    static func deadAddress() throws -> SocketAddress { try SilentPort().address }
}
