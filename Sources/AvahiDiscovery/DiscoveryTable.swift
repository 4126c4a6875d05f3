internal import SyncModel

/// One service as Avahi tells them apart: a name appears once an interface and protocol.
struct ServiceKey: Hashable, Sendable {
    /// The kernel's index.
    var interface: Int32
    /// `AVAHI_PROTO_INET` or `AVAHI_PROTO_INET6`.
    var protocolNumber: Int32
    var name: String
    var domain: String
}

/// What a service resolves to, as the network said it.
struct Resolution: Hashable, Sendable {
    var host: String
    /// With the port and, for link-local IPv6, the scope.
    var address: NetworkAddress
    var strings: [[UInt8]]
}

/// Devices made of services: resolutions and removals in, events out. Services of one hint are one device; our own
/// device, malformed records and addresses are left out.
struct DiscoveryTable {
    private struct Sighting {
        var text: TextRecord
        var host: String?
        var address: NetworkAddress
        /// When this service first and last said something of this device, in steps.
        var since: UInt64
        var latest: UInt64
    }

    private struct Entry {
        var sightings: [ServiceKey: Sighting] = [:]
        var device: DiscoveredDevice?
    }

    private let own: DeviceID
    private var hints: [ServiceKey: DeviceHint] = [:]
    private var entries: [DeviceHint: Entry] = [:]
    private var step: UInt64 = 0

    init(own: DeviceID) { self.own = own }

    /// A service was resolved, for the first time or again.
    mutating func resolved(_ key: ServiceKey, _ resolution: Resolution) -> [DiscoveryEvent] {
        step += 1
        let text: TextRecord
        do {
            text = try TextRecord(strings: resolution.strings)
            try Self.check(resolution.address)
        } catch {
            let named = "The service \(String(reflecting: key.name)) is passed over. \(error.message)"
            return removed(key) + [.refused(DiscoveryError(error.code, named, cause: error.cause))]
        }
        if text.hint.matches(own) { return removed(key) }
        let known = hints[key]
        guard known != nil || hints.count < Limits.discoveredServices else { return [] }
        let since = entries[text.hint]?.sightings[key]?.since ?? step
        let host = (try? NetworkAddress(text: "\(resolution.host):1")).map { "\($0.host)" }
        let sighting = Sighting(
            text: text, host: host, address: resolution.address, since: since, latest: step)
        hints[key] = text.hint
        entries[text.hint, default: Entry()].sightings[key] = sighting
        let arrived = changes(of: text.hint)
        // After the new hint, so that a device that changes its salt is never unknown.
        guard let known, known != text.hint else { return arrived }
        return arrived + forget(key, from: known)
    }

    /// A service went away, or no longer resolves.
    mutating func removed(_ key: ServiceKey) -> [DiscoveryEvent] {
        guard let hint = hints.removeValue(forKey: key) else { return [] }
        return forget(key, from: hint)
    }

    /// The daemon went away: every device is lost, in the order of the hints' text.
    mutating func removedAll() -> [DiscoveryEvent] {
        let lost = entries.keys.sorted { $0.description < $1.description }
        hints = [:]
        entries = [:]
        return lost.map { .lost($0) }
    }

    private mutating func forget(_ key: ServiceKey, from hint: DeviceHint) -> [DiscoveryEvent] {
        entries[hint]?.sightings.removeValue(forKey: key)
        return changes(of: hint)
    }

    private mutating func changes(of hint: DeviceHint) -> [DiscoveryEvent] {
        guard let entry = entries[hint] else { return [] }
        guard let newest = entry.sightings.values.max(by: { $0.latest < $1.latest }) else {
            entries.removeValue(forKey: hint)
            return [.lost(hint)]
        }
        // The oldest addresses stay, so that a crowd of false ones can't push them out.
        let addresses = entry.sightings.values.sorted { $0.since < $1.since }.map(\.address)
        var kept: [NetworkAddress] = []
        for address in addresses where kept.count < Limits.discoveredAddresses && !kept.contains(address) {
            kept.append(address)
        }
        let device = DiscoveredDevice(
            hint: hint, protocolVersion: newest.text.protocolVersion, pairingName: newest.text.pairingName,
            host: newest.host, addresses: kept.sorted { $0.description < $1.description })
        guard device != entry.device else { return [] }
        entries[hint]?.device = device
        return [entry.device == nil ? .found(device) : .updated(device)]
    }

    private static func check(_ address: NetworkAddress) throws(DiscoveryError) {
        guard address.isConnectable else {
            throw DiscoveryError(.addressMalformed, "\(address) can't be connected to.")
        }
    }
}
