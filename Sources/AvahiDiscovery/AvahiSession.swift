internal import CAvahi
internal import SyncModel

/// One connection to the daemon with all that hangs on it. Belongs to one thread, and is used between the iterations
/// of its loop only.
final class AvahiSession {
    static let serviceType = "_lanyard._tcp"

    private let client: OpaquePointer
    private let inputs: AvahiInputs
    private var group: OpaquePointer?
    private var browser: OpaquePointer?
    private var resolvers: [ServiceKey: OpaquePointer] = [:]

    /// With an absent daemon it waits for it (client state CONNECTING); with an absent bus it throws.
    init(poll: OpaquePointer, inputs: AvahiInputs) throws(DiscoveryError) {
        var error: Int32 = 0
        let made = avahi_client_new(
            avahi_simple_poll_get(poll), AVAHI_CLIENT_NO_FAIL, AvahiCallbacks.client, inputs.userData, &error)
        guard let made else { throw Self.failureToBegin(error) }
        client = made
        self.inputs = inputs
    }

    /// Frees the group, the browser and the resolvers too; the daemon withdraws what was published.
    deinit { avahi_client_free(client) }

    /// Puts a service in place of what is held. Zero, or Avahi's error.
    func register(_ service: Publication.Service) -> Int32 {
        let group: OpaquePointer
        if let present = self.group {
            group = present
            let reset = avahi_entry_group_reset(group)
            guard reset >= 0 else { return reset }
        } else {
            guard let made = avahi_entry_group_new(client, AvahiCallbacks.group, inputs.userData) else {
                return avahi_client_errno(client)
            }
            group = made
            self.group = made
        }
        let added = Self.withStrings(service.strings) { strings in
            avahi_entry_group_add_service_strlst(
                group, Int32(AVAHI_IF_UNSPEC), Int32(AVAHI_PROTO_UNSPEC),
                AvahiPublishFlags(rawValue: 0), service.name, Self.serviceType, nil, nil, service.port, strings)
        }
        return added < 0 ? added : avahi_entry_group_commit(group)
    }

    /// Replaces the TXT record of what is held. Zero, or Avahi's error.
    func updateText(_ service: Publication.Service) -> Int32 {
        guard let group else { return Int32(AVAHI_ERR_BAD_STATE) }
        return Self.withStrings(service.strings) { strings in
            avahi_entry_group_update_service_txt_strlst(
                group, Int32(AVAHI_IF_UNSPEC), Int32(AVAHI_PROTO_UNSPEC),
                AvahiPublishFlags(rawValue: 0), service.name, Self.serviceType, nil, strings)
        }
    }

    func withdraw() {
        if let group { avahi_entry_group_reset(group) }
    }

    /// Looks for services, on every interface and protocol; once is enough. Zero, or Avahi's error.
    func browse() -> Int32 {
        guard browser == nil else { return 0 }
        browser = avahi_service_browser_new(
            client, Int32(AVAHI_IF_UNSPEC), Int32(AVAHI_PROTO_UNSPEC), Self.serviceType, nil,
            AvahiLookupFlags(rawValue: 0), AvahiCallbacks.browser, inputs.userData)
        return browser == nil ? avahi_client_errno(client) : 0
    }

    /// Resolves a service and goes on saying when its data changes. Zero, or Avahi's error.
    ///
    /// The address asked for is of the protocol over which the service was seen: a service that has both is seen over
    /// both.
    func resolve(_ key: ServiceKey) -> Int32 {
        guard resolvers[key] == nil else { return 0 }
        let made = avahi_service_resolver_new(
            client, key.interface, key.protocolNumber, key.name, Self.serviceType, key.domain, key.protocolNumber,
            AvahiLookupFlags(rawValue: 0), AvahiCallbacks.resolver, inputs.userData)
        resolvers[key] = made
        return made == nil ? avahi_client_errno(client) : 0
    }

    func stopResolving(_ key: ServiceKey) {
        if let resolver = resolvers.removeValue(forKey: key) { avahi_service_resolver_free(resolver) }
    }

    static func text(of error: Int32) -> String { String(cString: avahi_strerror(error)) }

    /// What an error of the client as a whole means.
    static func failure(_ error: Int32) -> DiscoveryError {
        switch error {
        case Int32(AVAHI_ERR_DISCONNECTED), Int32(AVAHI_ERR_NO_DAEMON): .daemonAbsent
        case Int32(AVAHI_ERR_ACCESS_DENIED): .accessDenied(cause: error)
        case Int32(AVAHI_ERR_DBUS_ERROR): .busAbsent(text(of: error), cause: error)
        default: .daemonFailed(text(of: error), cause: error)
        }
    }

    /// The next name after one that is taken: "x", "x #2", "x #3".
    static func alternativeName(_ name: String) -> String {
        guard let text = avahi_alternative_service_name(name) else { return name }
        defer { avahi_free(text) }
        return String(cString: text)
    }

    /// What an error of making the client means: it waits for an absent daemon, so that what the library calls an
    /// absent daemon here is an absent bus.
    private static func failureToBegin(_ error: Int32) -> DiscoveryError {
        error == Int32(AVAHI_ERR_NO_DAEMON) ? .busAbsent("nothing listens on it", cause: error) : failure(error)
    }

    private static func withStrings(
        _ strings: [[UInt8]], _ body: (UnsafeMutablePointer<AvahiStringList>?) -> Int32
    ) -> Int32 {
        // Avahi's lists grow at the head and are published from the tail.
        var list: UnsafeMutablePointer<AvahiStringList>?
        for string in strings {
            guard let longer = avahi_string_list_add_arbitrary(list, string, string.count) else {
                avahi_string_list_free(list)
                return Int32(AVAHI_ERR_NO_MEMORY)
            }
            list = longer
        }
        defer { avahi_string_list_free(list) }
        return body(list)
    }
}
