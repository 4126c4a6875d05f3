internal import Glibc
internal import SyncModel
internal import TLSTransport

/// Text of addresses as sockets need them.
enum AddressResolver {
    /// What a text stands for now: one address, or those of a name (which asks the system and may block). Empty for
    /// what can't be understood or found.
    static func resolve(_ text: String) -> [SocketAddress] {
        guard let address = try? NetworkAddress(text: text) else { return [] }
        switch address.host {
        case .ipv4(let number): return [SocketAddress(host: .ipv4(number), port: address.port)]
        case .ipv6(let high, let low, let scope):
            return [SocketAddress(host: .ipv6(high: high, low: low, scope: number(scope)), port: address.port)]
        case .name(let name): return lookUp(name, port: address.port)
        }
    }

    private static func number(_ scope: NetworkAddress.Scope?) -> UInt32 {
        switch scope {
        case .index(let number): number
        case .name(let name): if_nametoindex(name)
        case nil: 0
        }
    }

    private static func lookUp(_ name: String, port: UInt16) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &found) == 0 else { return [] }
        defer { freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next = found
        while let entry = next, addresses.count < Limits.dialCandidates {
            if let host = host(entry.pointee) { addresses.append(SocketAddress(host: host, port: port)) }
            next = entry.pointee.ai_next
        }
        return addresses
    }

    private static func host(_ entry: addrinfo) -> SocketAddress.Host? {
        guard let address = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                .ipv4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { bytes in
                    .ipv6(
                        high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                        scope: pointer.pointee.sin6_scope_id)
                }
            }
        default: return nil
        }
    }

    /// Where others may reach a listener at these addresses: wildcards become the addresses of this machine's
    /// interfaces, link-local ones aside, which mean nothing elsewhere (rule 28).
    static func expand(_ listening: [SocketAddress]) -> [String] {
        var texts: [String] = []
        for address in listening {
            guard address.isWildcard else {
                texts.append(address.description)
                continue
            }
            var takesIPv6 = false
            if case .ipv6 = address.host { takesIPv6 = true }
            for host in interfaceHosts() {
                if case .ipv6 = host, !takesIPv6 { continue }
                let expanded = SocketAddress(host: host, port: address.port)
                if !expanded.isLinkLocal { texts.append(expanded.description) }
            }
        }
        return Array(texts.prefix(Limits.addresses))
    }

    /// Addresses of interfaces that are up; loopback only where there is nothing else.
    private static func interfaceHosts() -> [SocketAddress.Host] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var hosts: [SocketAddress.Host] = []
        var loopback: [SocketAddress.Host] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.pointee.ifa_addr else { continue }
            var info = addrinfo()
            info.ai_family = Int32(address.pointee.sa_family)
            info.ai_addr = address
            guard let host = host(info) else { continue }
            if entry.pointee.ifa_flags & UInt32(IFF_LOOPBACK) != 0 { loopback.append(host) } else { hosts.append(host) }
        }
        return hosts.isEmpty ? loopback : hosts
    }
}
