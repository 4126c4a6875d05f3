internal import CAvahi
internal import SyncModel

/// What Avahi's callbacks say, copied out of its memory.
enum AvahiInput {
    case client(AvahiClientState, error: Int32)
    case group(AvahiEntryGroupState, error: Int32)
    case appeared(ServiceKey)
    case vanished(ServiceKey)
    case browserFailed(error: Int32)
    case resolved(ServiceKey, Resolution)
    case unresolved(ServiceKey, error: Int32)
}

/// Where the callbacks put their inputs. They never act: Avahi's objects may only be freed safely between its
/// iterations, and several callbacks run before the function that makes their object returns.
final class AvahiInputs {
    private var waiting: [AvahiInput] = []

    var userData: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    func append(_ input: AvahiInput) { waiting.append(input) }

    /// All that wait, oldest first.
    func takeAll() -> [AvahiInput] {
        defer { waiting = [] }
        return waiting
    }

    static func from(_ userData: UnsafeMutableRawPointer?) -> AvahiInputs? {
        userData.map { Unmanaged<AvahiInputs>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// The C functions that Avahi calls.
enum AvahiCallbacks {
    static let client: AvahiClientCallback = { client, state, userData in
        AvahiInputs.from(userData)?.append(.client(state, error: client.map { avahi_client_errno($0) } ?? 0))
    }

    static let group: AvahiEntryGroupCallback = { group, state, userData in
        let client = group.flatMap { avahi_entry_group_get_client($0) }
        AvahiInputs.from(userData)?.append(.group(state, error: client.map { avahi_client_errno($0) } ?? 0))
    }

    static let browser: AvahiServiceBrowserCallback = {
        browser, interface, protocolNumber, event, name, _, domain, _, userData in
        guard let inputs = AvahiInputs.from(userData) else { return }
        switch event {
        case AVAHI_BROWSER_NEW, AVAHI_BROWSER_REMOVE:
            guard let name, let domain else { return }
            let key = ServiceKey(
                interface: interface, protocolNumber: protocolNumber, name: String(cString: name),
                domain: String(cString: domain))
            inputs.append(event == AVAHI_BROWSER_NEW ? .appeared(key) : .vanished(key))
        case AVAHI_BROWSER_FAILURE:
            let client = browser.flatMap { avahi_service_browser_get_client($0) }
            inputs.append(.browserFailed(error: client.map { avahi_client_errno($0) } ?? 0))
        default: return
        }
    }

    static let resolver: AvahiServiceResolverCallback = {
        resolver, interface, protocolNumber, event, name, _, domain, host, address, port, strings, _, userData in
        guard let inputs = AvahiInputs.from(userData), let name, let domain else { return }
        let key = ServiceKey(
            interface: interface, protocolNumber: protocolNumber, name: String(cString: name),
            domain: String(cString: domain))
        guard event == AVAHI_RESOLVER_FOUND, let host, let address else {
            let client = resolver.flatMap { avahi_service_resolver_get_client($0) }
            inputs.append(.unresolved(key, error: client.map { avahi_client_errno($0) } ?? 0))
            return
        }
        let resolution = Resolution(
            host: String(cString: host), address: networkAddress(address, port: port, interface: interface),
            strings: copied(strings))
        inputs.append(.resolved(key, resolution))
    }

    private static func networkAddress(
        _ address: UnsafePointer<AvahiAddress>, port: UInt16, interface: Int32
    ) -> NetworkAddress {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard lanyard_avahi_address(address, &bytes) == 16 else {
            return NetworkAddress(host: .ipv4(bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }), port: port)
        }
        let high = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let local = NetworkAddress(host: .ipv6(high: high, low: low, scope: nil), port: port).isLinkLocal
        let scope = local && interface > 0 ? NetworkAddress.Scope.index(UInt32(interface)) : nil
        return NetworkAddress(host: .ipv6(high: high, low: low, scope: scope), port: port)
    }

    /// One string more than is allowed is copied, so that the reader sees that there are too many.
    private static func copied(_ list: UnsafeMutablePointer<AvahiStringList>?) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var next = list
        while let string = next, strings.count <= Limits.textStrings {
            let length = min(string.pointee.size, Limits.textRecordBytes)
            strings.append(Array(UnsafeBufferPointer(start: lanyard_avahi_text(string), count: length)))
            next = string.pointee.next
        }
        return strings
    }
}
