public import SyncModel

/// A device that announces itself on the local network, over whatever interfaces and protocols.
public struct DiscoveredDevice: Hashable, Sendable {
    /// Which device it claims to be, and the only identity it has here; it changes with the device's salt.
    public let hint: DeviceHint
    public let protocolVersion: UInt16
    /// The device's name if it is open for pairing, otherwise nil. Chosen by the device, checked by nobody.
    public let pairingName: String?
    /// The name of its host (`host.local`), if it is a plain one.
    public let host: String?
    /// Where to try, at most `Limits.discoveredAddresses`: IPv4, IPv6, link-local with the index of the interface as
    /// scope. Each has its port. Sorted by their text.
    public let addresses: [NetworkAddress]
}

/// Whether discovery works at present.
public enum DiscoveryState: Hashable, Sendable {
    /// Devices are looked for, and this one is announced if it is to be.
    case running
    /// Something is lost: the message says what, why and the command that mends it. Retried without end.
    case unavailable(DiscoveryError)
}

/// What discovery tells its observer. `updated` and `lost` follow a `found` of the same hint.
public enum DiscoveryEvent: Hashable, Sendable {
    case found(DiscoveredDevice)
    /// Its addresses, name or version changed: the whole new value.
    case updated(DiscoveredDevice)
    /// It withdrew, its records ran out, it took a new salt, or the daemon went away. Not a sign that it can't be
    /// reached: connections go on.
    case lost(DeviceHint)
    /// A service of our type that isn't believed. The message names it.
    case refused(DiscoveryError)
    /// Said first of all, then at each change.
    case state(DiscoveryState)
}
