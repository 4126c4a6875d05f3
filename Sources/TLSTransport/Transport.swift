public import SyncModel

/// What the policy says of a device that has proved who it is.
public enum DeviceAuthorization: Sendable {
    case paired
    /// A stranger: let in for pairing, with short frames, little time and few places.
    case unpaired
    case refuse
}

/// A device's connections: its TLS settings, its policy and its limits. Listeners and dialers work on one.
public final class Transport: Sendable {
    public let deviceID: DeviceID
    let dialling: TLSContext
    let accepting: TLSContext
    let authorize: @Sendable (DeviceID) -> DeviceAuthorization
    let admission: Admission

    /// `authorize` is called on the connection's thread after every handshake, before any byte is passed on.
    /// Throws `identityDamaged` or `outOfResources`.
    public init(
        identity: Identity, limits: ConnectionLimits = ConnectionLimits(),
        authorize: @escaping @Sendable (DeviceID) -> DeviceAuthorization
    ) throws(TransportError) {
        deviceID = identity.deviceID
        dialling = try TLSContext(identity: identity, accepting: false)
        accepting = try TLSContext(identity: identity, accepting: true)
        self.authorize = authorize
        admission = Admission(limits)
    }

    /// Connections and handshakes under way, of both directions.
    public var connectionCount: Int { admission.count }

    /// Closes every connection and gives up every handshake, and waits until all `closed` closures have returned;
    /// false if some had not in time. Listeners are closed by their holders, before.
    public func closeAll(timeoutMilliseconds: Int) -> Bool {
        admission.endAll(.gracefully, deadline: MonotonicClock.deadline(in: timeoutMilliseconds))
    }
}
