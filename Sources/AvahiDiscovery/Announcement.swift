internal import SyncModel

/// What this device says of itself on the local network.
public struct Announcement: Hashable, Sendable {
    /// The port where it listens, on every address of the machine.
    public let port: UInt16
    /// A new salt makes a new hint: draw one at each start and each day.
    public let salt: HintSalt
    /// The highest version of the wire protocol that it speaks.
    public let protocolVersion: UInt16
    /// The device's name while it is open for pairing; nil keeps the name private.
    public let pairingName: String?
    /// The name of the service instance; nil makes one from the hint, which changes with it.
    public let serviceName: String?

    /// Throws `announcementMalformed`.
    public init(
        port: UInt16, salt: HintSalt, protocolVersion: UInt16 = 1, pairingName: String? = nil,
        serviceName: String? = nil
    ) throws(DiscoveryError) {
        guard port > 0, protocolVersion > 0 else {
            throw DiscoveryError(.announcementMalformed, "Port and protocol version of an announcement start at 1.")
        }
        if let pairingName, !TextRecord.isName(pairingName) {
            throw DiscoveryError(
                .announcementMalformed,
                """
                The name \(String(reflecting: pairingName)) can't be announced: use 1 to \(Limits.deviceNameBytes) \
                bytes without control characters.
                """)
        }
        if let serviceName, !TextRecord.isName(serviceName) || serviceName.utf8.count > Limits.serviceNameBytes {
            throw DiscoveryError(
                .announcementMalformed,
                """
                The service name \(String(reflecting: serviceName)) can't be announced: use 1 to \
                \(Limits.serviceNameBytes) bytes without control characters.
                """)
        }
        (self.port, self.salt, self.protocolVersion) = (port, salt, protocolVersion)
        (self.pairingName, self.serviceName) = (pairingName, serviceName)
    }

    /// The TXT record of `device`, and the service name wanted.
    func published(by device: DeviceID) -> (name: String, text: TextRecord) {
        let hint = DeviceHint(of: device, salt: salt)
        let text = TextRecord(protocolVersion: protocolVersion, hint: hint, pairingName: pairingName)
        return (serviceName ?? "lanyard-\(hint.description.prefix(12))", text)
    }
}
