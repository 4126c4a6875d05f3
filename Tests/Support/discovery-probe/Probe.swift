import AvahiDiscovery
import Glibc
import SyncModel

/// What the probe announces, and how it prints what it finds.
struct Probe {
    var port: UInt16
    var serviceName: String?
    var salt = HintSalt.random()
    var pairingName: String?

    var announcement: Announcement {
        get throws { try Announcement(port: port, salt: salt, pairingName: pairingName, serviceName: serviceName) }
    }

    /// The device of a letter.
    static func device(_ letter: UInt8) -> DeviceID {
        DeviceID(Bytes32([UInt8](repeating: letter, count: 32)) ?? .zero)
    }

    /// A line at once, whole, whatever the output is.
    static func say(_ line: String) {
        let line = line + "\n"
        _ = write(1, line, line.utf8.count)
    }

    /// `found B 1f… name=- host=host2.local 198.18.0.2:22077 [fe80::1%2]:22077`, `lost B 1f…`, `state running`, …
    static func line(_ event: DiscoveryEvent) -> String {
        switch event {
        case .found(let device): "found \(text(device))"
        case .updated(let device): "updated \(text(device))"
        case .lost(let hint): "lost \(letter(hint)) \(hint)"
        case .refused(let error): "refused \(error.code) \(error.message)"
        case .state(.running): "state running"
        case .state(.unavailable(let error)): "state unavailable \(error.code) \(error.message)"
        }
    }

    private static func text(_ device: DiscoveredDevice) -> String {
        let addresses = device.addresses.map(\.description).joined(separator: " ")
        return """
            \(letter(device.hint)) \(device.hint) name=\(device.pairingName ?? "-") host=\(device.host ?? "-") \
            \(addresses)
            """
    }

    private static func letter(_ hint: DeviceHint) -> String {
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return letters.first { hint.matches(device($0)) }.map { String(UnicodeScalar($0)) } ?? "?"
    }
}
