import SyncModel
import Testing

@testable import AvahiDiscovery

/// Services in, devices out.
@Suite struct DiscoveryTableTests {
    private var table = DiscoveryTable(own: Samples.device(90))

    /// What interface `interface` shows of the device of a letter.
    private func key(_ letter: UInt8, interface: Int32 = 1) -> ServiceKey {
        ServiceKey(interface: interface, protocolNumber: 0, name: "service-\(letter)", domain: "local")
    }

    private func resolution(
        _ letter: UInt8, salt: UInt8 = 0, address: String = "198.18.0.1:1", host: String = "host.local",
        name: String? = nil
    ) throws -> Resolution {
        let text = TextRecord(protocolVersion: 1, hint: try Samples.hint(letter, salt: salt), pairingName: name)
        return Resolution(host: host, address: try NetworkAddress(text: address), strings: text.strings)
    }

    @Test mutating func servicesOfOneHintAreOneDevice() throws {
        guard case .found(let first)? = table.resolved(key(65), try resolution(65)).first else {
            throw Samples.Missing()
        }
        #expect(first.addresses.map(\.description) == ["198.18.0.1:1"])
        #expect(first.host == "host.local")
        let events = table.resolved(key(65, interface: 2), try resolution(65, address: "[fe80::1%2]:1"))
        guard case .updated(let second)? = events.first, events.count == 1 else { throw Samples.Missing() }
        #expect(second.hint == first.hint)
        #expect(second.addresses.map(\.description) == ["198.18.0.1:1", "[fe80::1%2]:1"])
    }

    @Test mutating func oneAddressOverTwoInterfacesIsListedOnce() throws {
        _ = table.resolved(key(65), try resolution(65))
        #expect(table.resolved(key(65, interface: 2), try resolution(65)) == [])
    }

    @Test mutating func theSameNewsTwiceIsNoNews() throws {
        _ = table.resolved(key(65), try resolution(65))
        #expect(table.resolved(key(65), try resolution(65)) == [])
    }

    @Test mutating func aDeviceIsLostWithItsLastService() throws {
        _ = table.resolved(key(65), try resolution(65))
        _ = table.resolved(key(65, interface: 2), try resolution(65, address: "198.18.1.1:1"))
        guard case .updated(let left)? = table.removed(key(65)).first else { throw Samples.Missing() }
        #expect(left.addresses.map(\.description) == ["198.18.1.1:1"])
        #expect(table.removed(key(65, interface: 2)) == [.lost(try Samples.hint(65))])
        #expect(table.removed(key(65)) == [])
    }

    @Test mutating func aNewSaltIsFoundBeforeTheOldOneIsLost() throws {
        _ = table.resolved(key(65), try resolution(65, salt: 0))
        let events = table.resolved(key(65), try resolution(65, salt: 1))
        guard case .found(let device)? = events.first else { throw Samples.Missing() }
        #expect(device.hint == (try Samples.hint(65, salt: 1)))
        #expect(Array(events.dropFirst()) == [.lost(try Samples.hint(65, salt: 0))])
    }

    @Test mutating func ourOwnServiceIsPassedOver() throws {
        #expect(table.resolved(key(90), try resolution(90)) == [])
        // A service that turns into ours is lost.
        _ = table.resolved(key(65), try resolution(65))
        #expect(table.resolved(key(65), try resolution(90)) == [.lost(try Samples.hint(65))])
    }

    @Test mutating func malformedRecordsAreRefusedAndTheOldOnesDropped() throws {
        _ = table.resolved(key(65), try resolution(65))
        var broken = try resolution(65)
        broken.strings.removeFirst()
        let events = table.resolved(key(65), broken)
        #expect(events == [.lost(try Samples.hint(65)), .refused(DiscoveryError(.textMalformed, ""))])
    }

    @Test mutating func aRefusalShowsAHostileNameEscaped() throws {
        var hostile = key(65)
        hostile.name = "\u{1b}[31m"
        var broken = try resolution(65)
        broken.strings = []
        guard case .refused(let error)? = table.resolved(hostile, broken).first else { throw Samples.Missing() }
        #expect(!error.message.unicodeScalars.contains("\u{1b}"))
    }

    @Test(arguments: ["0.0.0.0:1", "224.0.0.1:1", "255.255.255.255:1", "198.18.0.1:0", "[::]:1", "[ff02::1]:1"])
    mutating func addressesThatStandForNoDeviceAreRefused(_ address: String) throws {
        let events = table.resolved(key(65), try resolution(65, address: address))
        #expect(events == [.refused(DiscoveryError(.addressMalformed, ""))])
    }

    @Test mutating func aHostThatIsNoNameIsLeftOut() throws {
        for host in ["a b", "", "\u{1b}[31m", "../x"] {
            _ = table.removed(key(65))
            guard case .found(let device)? = table.resolved(key(65), try resolution(65, host: host)).first else {
                throw Samples.Missing()
            }
            #expect(device.host == nil, "\(host)")
        }
    }

    /// The oldest addresses stay, so that a crowd of false ones can't push them out.
    @Test mutating func addressesAreBounded() throws {
        var last: DiscoveredDevice?
        for interface in 1...Int32(Limits.discoveredAddresses + 5) {
            let seen = try resolution(65, address: "198.18.2.\(interface):1")
            switch table.resolved(key(65, interface: interface), seen).first {
            case .found(let device), .updated(let device): last = device
            default: break
            }
        }
        let addresses = try #require(last?.addresses.map(\.description))
        #expect(addresses.count == Limits.discoveredAddresses)
        #expect(addresses.contains("198.18.2.1:1"))
        #expect(!addresses.contains("198.18.2.\(Limits.discoveredAddresses + 1):1"))
    }

    @Test mutating func servicesAreBounded() throws {
        for interface in 1...Int32(Limits.discoveredServices) {
            _ = table.resolved(key(65, interface: interface), try resolution(65))
        }
        #expect(table.resolved(key(66), try resolution(66)) == [])
        // Room comes back with a removal.
        _ = table.removed(key(65))
        #expect(table.resolved(key(66), try resolution(66)).count == 1)
    }

    @Test mutating func theNewestWordOnTheNameCounts() throws {
        _ = table.resolved(key(65), try resolution(65, name: "Old"))
        let events = table.resolved(key(65, interface: 2), try resolution(65, name: "New"))
        guard case .updated(let device)? = events.first else { throw Samples.Missing() }
        #expect(device.pairingName == "New")
    }

    @Test mutating func theDaemonsEndLosesEveryDeviceOnce() throws {
        for letter in [65, 66, 67] as [UInt8] { _ = table.resolved(key(letter), try resolution(letter)) }
        let hints = try [65, 66, 67].map { try Samples.hint($0) }.sorted { $0.description < $1.description }
        #expect(table.removedAll() == hints.map { .lost($0) })
        #expect(table.removedAll() == [])
        #expect(table.resolved(key(65), try resolution(65)).count == 1)
    }
}
