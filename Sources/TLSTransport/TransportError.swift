internal import Glibc

/// Why an identity, a listener or a connection failed. Two errors are equal if their codes are.
public struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        // MARK: Identity
        /// An identity file is missing its counterpart, can't be decoded or doesn't belong to the other file.
        case identityDamaged
        /// Others than the owner may read or replace an identity file.
        case identityPermissions
        /// An identity file could not be read or written.
        case identityFiles

        // MARK: Reaching a peer
        /// The text is not a numeric host and port.
        case addressMalformed
        /// A listening socket could not be made: see the cause.
        case listenFailed
        /// No candidate could be reached: see the cause of the last one.
        case connectFailed
        /// The time was over before any candidate was reached.
        case connectTimedOut
        /// The caller gave up.
        case cancelled
        /// Too many connections or handshakes: of all, of strangers, of the device or of the address.
        case limitReached

        // MARK: Handshake
        /// TLS failed: another version, no certificate, no common algorithm, or not TLS at all.
        case handshakeFailed
        case handshakeTimedOut
        /// The peer did not agree on `lanyard/1`.
        case protocolMismatch
        /// The certificate is not a self-signed Ed25519 one.
        case certificateRefused
        /// The peer is another device than the one that was expected.
        case unexpectedDevice
        /// The policy refused the device.
        case deviceRefused

        // MARK: Connection
        /// The peer announced a frame longer than allowed.
        case frameTooLong
        /// The peer vanished without saying so, perhaps within a frame.
        case truncated
        /// The network failed, or the peer reset the connection.
        case connectionLost
        /// TLS failed after the handshake, as after a changed byte.
        case recordFailed
        /// An unpaired peer's time was over.
        case unpairedTimedOut
        /// The upper layer found the peer at fault.
        case peerMisbehaved
        /// Sending on a connection that is closed or closing.
        case closed
        /// The queue has no room for the frame.
        case queueFull
        /// The queue had no room in time.
        case queueTimedOut
        /// A blocking call on the connection's own thread, which would wait for itself.
        case wouldBlockItself

        // MARK: This machine
        /// OpenSSL or the system refused what succeeds unless memory, threads or descriptors ran out.
        case outOfResources
    }

    /// What a library or the system said; both may be absent.
    public struct Cause: Sendable {
        /// errno, or 0.
        public var number: Int32
        /// OpenSSL's error queue as text, or empty.
        public var openSSL: String

        public init(number: Int32 = 0, openSSL: String = "") {
            self.number = number
            self.openSSL = openSSL
        }
    }

    public let code: Code
    /// What happened, to what, and what to do.
    public let message: String
    public let cause: Cause

    public init(_ code: Code, _ message: String, number: Int32 = 0, openSSL: String = "") {
        self.code = code
        self.message = message
        self.cause = Cause(number: number, openSSL: openSSL)
    }

    public var description: String {
        var details: [String] = []
        if cause.number != 0 { details.append("\(String(cString: strerror(cause.number))), errno \(cause.number)") }
        if !cause.openSSL.isEmpty { details.append(cause.openSSL) }
        return details.isEmpty ? message : "\(message) (\(details.joined(separator: "; ")))"
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
