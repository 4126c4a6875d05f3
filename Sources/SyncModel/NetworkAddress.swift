/// Where a device may be reached: a host and a TCP port.
///
/// Its text is `192.0.2.1:22077`, `[fe80::1%eth0]:22077` or `host.example:22077`. Reading is strict: decimal parts
/// without leading zeros, IPv6 in brackets only, no blanks, a port always. Equal hosts have equal values: an IPv4
/// address written within IPv6 (`::ffff:192.0.2.1`) is held as IPv4, names are held in lower case.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// An address by number, or a name to look up.
    public enum Host: Hashable, Sendable {
        /// In host order: 127.0.0.1 is 0x7f000001.
        case ipv4(UInt32)
        /// Most significant half first; a scope only for link-local addresses.
        case ipv6(high: UInt64, low: UInt64, scope: Scope?)
        /// A DNS or mDNS name in lower case, to be looked up by whoever connects.
        case name(String)
    }

    /// The interface that a link-local address belongs to.
    public enum Scope: Hashable, Sendable {
        /// The kernel's index, from 1.
        case index(UInt32)
        /// Its name, as `eth0`.
        case name(String)
    }

    /// Why text is no address.
    public enum Refusal: Error, Hashable, Sendable {
        case tooLong(bytes: Int)
        /// There is no `:` before a port.
        case portMissing
        /// Not a number from 0 to 65535.
        case portMalformed
        /// Neither an address nor a name; IPv6 without brackets is one of these.
        case hostMalformed
        /// An empty or overlong interface, or one after an address that isn't link-local.
        case scopeMalformed
    }

    public let host: Host
    /// 0 stands for "the system chooses" where one listens, and is no port to connect to.
    public let port: UInt16

    /// IPv4 within IPv6 becomes IPv4.
    public init(host: Host, port: UInt16) {
        if case .ipv6(0, let low, _) = host, low >> 32 == 0xffff {
            self.host = .ipv4(UInt32(truncatingIfNeeded: low))
        } else {
            self.host = host
        }
        self.port = port
    }

    /// From text as `description` writes it.
    public init(text: String) throws(Refusal) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Limits.addressBytes else { throw .tooLong(bytes: bytes.count) }
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { throw .portMissing }
        guard let port = Decimal.number(bytes[(colon + 1)...], atMost: 65_535) else {
            throw bytes.last == UInt8(ascii: "]") ? .portMissing : .portMalformed
        }
        self.init(host: try Host(bytes[..<colon]), port: UInt16(port))
    }

    public var description: String {
        switch host {
        case .ipv6: "[\(host)]:\(port)"
        case .ipv4, .name: "\(host):\(port)"
        }
    }

    /// 169.254.0.0/16 or fe80::/10: reachable over one link only.
    public var isLinkLocal: Bool {
        switch host {
        case .ipv4(let number): number >> 16 == 0xa9fe
        case .ipv6(let high, _, _): high >> 54 == 0x3fa
        case .name: false
        }
    }

    /// Whether the address stands for one device: false for unspecified, multicast and broadcast ones, and for port 0.
    public var isConnectable: Bool {
        switch host {
        case .ipv4(let number): port != 0 && number >> 24 != 0 && number < 0xe000_0000
        case .ipv6(let high, let low, _): port != 0 && (high, low) != (0, 0) && high >> 56 != 0xff
        case .name: port != 0
        }
    }
}

extension NetworkAddress.Host: CustomStringConvertible {
    /// Without brackets or port; IPv6 as RFC 5952 asks.
    public var description: String {
        switch self {
        case .ipv4(let number): (0..<4).map { String(number >> UInt32(24 - $0 * 8) & 0xff) }.joined(separator: ".")
        case .ipv6(let high, let low, let scope):
            IPv6Text.encode(high: high, low: low) + (scope.map { "%\($0)" } ?? "")
        case .name(let name): name
        }
    }

    /// The part before the port: `192.0.2.1`, `[…]` or a name.
    init(_ bytes: ArraySlice<UInt8>) throws(NetworkAddress.Refusal) {
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.count > 2, bytes.last == UInt8(ascii: "]") else { throw .hostMalformed }
            self = try Self.bracketed(bytes.dropFirst().dropLast())
        } else if let number = Decimal.dottedQuad(bytes) {
            self = .ipv4(number)
        } else {
            guard let name = HostName.checked(bytes) else { throw .hostMalformed }
            self = .name(name)
        }
    }

    private static func bracketed(_ bytes: ArraySlice<UInt8>) throws(NetworkAddress.Refusal) -> Self {
        let percent = bytes.firstIndex(of: UInt8(ascii: "%"))
        guard let (high, low) = IPv6Text.decode(bytes[..<(percent ?? bytes.endIndex)]) else { throw .hostMalformed }
        guard let percent else { return .ipv6(high: high, low: low, scope: nil) }
        guard high >> 54 == 0x3fa, let scope = NetworkAddress.Scope(bytes[(percent + 1)...]) else {
            throw .scopeMalformed
        }
        return .ipv6(high: high, low: low, scope: scope)
    }
}

extension NetworkAddress.Scope: CustomStringConvertible {
    public var description: String {
        switch self {
        case .index(let number): String(number)
        case .name(let name): name
        }
    }

    /// Digits are an index; otherwise a name of an interface: at most 15 bytes of letters, digits, `.`, `_`, `-`, `@`.
    init?(_ bytes: ArraySlice<UInt8>) {
        if let number = Decimal.number(bytes, atMost: UInt64(Int32.max)) {
            guard number > 0 else { return nil }
            self = .index(UInt32(number))
        } else {
            let allowed = bytes.allSatisfy { HostName.isLetterOrDigit($0) || "._-@".utf8.contains($0) }
            guard allowed, !bytes.isEmpty, bytes.count <= Limits.interfaceNameBytes else { return nil }
            self = .name(String(decoding: bytes, as: UTF8.self))
        }
    }
}
