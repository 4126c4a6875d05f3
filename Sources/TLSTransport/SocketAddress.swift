internal import CSocket
internal import Glibc
internal import SyncModel

/// A numeric IP address and a TCP port. IPv4 addresses written within IPv6 are held as IPv4.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// A numeric address.
    public enum Host: Hashable, Sendable {
        /// In host order: 127.0.0.1 is 0x7f000001.
        case ipv4(UInt32)
        /// `scope` is the index of the interface for link-local addresses, otherwise 0.
        case ipv6(high: UInt64, low: UInt64, scope: UInt32)
    }

    public let host: Host
    public let port: UInt16

    public init(host: Host, port: UInt16) {
        if case .ipv6(0, let low, _) = host, low >> 32 == 0xffff {
            self.host = .ipv4(UInt32(truncatingIfNeeded: low))
        } else {
            self.host = host
        }
        self.port = port
    }

    /// 127.0.0.1 with a port.
    public static func loopback(port: UInt16) -> SocketAddress { .init(host: .ipv4(0x7f00_0001), port: port) }

    /// From `192.0.2.1:22077`, `[2001:db8::1]:22077` or `[fe80::1%eth0]:22077`; `*:22077` is every address of IPv6
    /// and IPv4. Names are not looked up. Throws `addressMalformed`.
    public init(text: String) throws(TransportError) {
        let malformed = TransportError(
            .addressMalformed, "\"\(text)\" is not an address; write 192.0.2.1:22077 or [2001:db8::1]:22077.")
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            throw malformed
        }
        var name = String(text[..<colon])
        if name == "*" { name = "[::]" }
        let bracketed = name.hasPrefix("[") && name.hasSuffix("]")
        if bracketed { name = String(name.dropFirst().dropLast()) }
        guard bracketed == name.contains(":"), let storage = Self.numeric(name),
            let address = SocketAddress(storage: storage)
        else { throw malformed }
        self.init(host: address.host, port: port)
    }

    private static func port(_ digits: Substring) -> UInt16? {
        digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt16(digits) : nil
    }

    private static func numeric(_ name: String) -> sockaddr_storage? {
        guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &found) == 0, let first = found else { return nil }
        defer { freeaddrinfo(first) }
        var storage = sockaddr_storage()
        memcpy(&storage, first.pointee.ai_addr, min(Int(first.pointee.ai_addrlen), MemoryLayout.size(ofValue: storage)))
        return storage
    }

    init?(storage: sockaddr_storage) {
        var storage = storage
        var bytes = [UInt8](repeating: 0, count: 16)
        var port: UInt16 = 0
        var scope: UInt32 = 0
        switch lanyard_address_parts(&storage, &bytes, &port, &scope) {
        case 4:
            self.init(host: .ipv4(bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }), port: port)
        case 16:
            let high = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self.init(host: .ipv6(high: high, low: low, scope: scope), port: port)
        default: return nil
        }
    }

    var storage: sockaddr_storage {
        switch host {
        case .ipv4(let number):
            lanyard_address(AF_INET, (UInt64(number) << 32).bigEndianBytes, port, 0)
        case .ipv6(let high, let low, let scope):
            lanyard_address(AF_INET6, high.bigEndianBytes + low.bigEndianBytes, port, scope)
        }
    }

    /// `0.0.0.0` or `[::]`: every address of the machine.
    public var isWildcard: Bool {
        switch host {
        case .ipv4(let number): number == 0
        case .ipv6(let high, let low, _): high == 0 && low == 0
        }
    }

    public var isLinkLocal: Bool {
        switch host {
        case .ipv4(let number): number >> 16 == 0xa9fe
        case .ipv6(let high, _, _): high >> 54 == 0x3fa
        }
    }

    /// As `init(text:)` reads it.
    public var description: String {
        switch host {
        case .ipv4(let number):
            return (0..<4).map { String(number >> UInt32(24 - $0 * 8) & 0xff) }.joined(separator: ".") + ":\(port)"
        case .ipv6(let high, let low, let scope):
            let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
                let bytes = high.bigEndianBytes + low.bigEndianBytes
                inet_ntop(AF_INET6, bytes, buffer.baseAddress, socklen_t(buffer.count))
                return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
            return "[\(text)\(Self.interface(scope).map { "%\($0)" } ?? "")]:\(port)"
        }
    }

    private static func interface(_ scope: UInt32) -> String? {
        guard scope != 0 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
            guard if_indextoname(scope, buffer.baseAddress) != nil else { return String(scope) }
            return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
