internal import SyncModel

/// What the TXT record of a service says (see the page TextRecord for its form).
package struct TextRecord: Hashable, Sendable {
    package var protocolVersion: UInt16
    package var hint: DeviceHint
    /// The device's name while it is open for pairing, otherwise nil.
    package var pairingName: String?

    /// The strings as published, in this order: version, salt, tag, pairing.
    package var strings: [[UInt8]] {
        var pairs = ["v=\(protocolVersion)", "s=\(hint.salt)", "h=\(hint)"]
        if let pairingName { pairs += ["p=1", "n=\(pairingName)"] }
        return pairs.map { Array($0.utf8) }
    }

    /// Reads strings from the network. Throws `textMalformed`.
    package init(strings: [[UInt8]]) throws(DiscoveryError) {
        let fields = try Self.fields(strings)
        protocolVersion = try Self.version(fields["v"])
        guard let digits = fields["s"], let salt = Self.sixteen(digits).flatMap({ HintSalt($0) }) else {
            throw Self.malformed("s is not 32 hexadecimal digits")
        }
        guard let digits = fields["h"], let hint = Self.sixteen(digits).flatMap({ DeviceHint(salt: salt, tag: $0) })
        else { throw Self.malformed("h is not 32 hexadecimal digits") }
        self.hint = hint
        pairingName = fields["p"] == [UInt8(ascii: "1")] ? try Self.name(fields["n"]) : nil
    }

    package init(protocolVersion: UInt16, hint: DeviceHint, pairingName: String?) {
        (self.protocolVersion, self.hint, self.pairingName) = (protocolVersion, hint, pairingName)
    }

    /// A name that may be shown on a terminal: not empty, within bounds, no control or formatting characters.
    static func isName(_ name: String) -> Bool {
        guard (1...Limits.deviceNameBytes).contains(name.utf8.count) else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
            default: true
            }
        }
    }

    /// Values by key. Keys are compared in lower case, the first of equal ones counts, strings without a key are
    /// passed over (RFC 6763, 6.4); keys that we don't know are no error.
    private static func fields(_ strings: [[UInt8]]) throws(DiscoveryError) -> [String: ArraySlice<UInt8>] {
        guard strings.count <= Limits.textStrings else { throw malformed("more than \(Limits.textStrings) strings") }
        var total = 0
        var fields: [String: ArraySlice<UInt8>] = [:]
        for string in strings {
            total += string.count + 1
            guard string.count <= Limits.textStringBytes, total <= Limits.textRecordBytes else {
                throw malformed("too long")
            }
            let end = string.firstIndex(of: UInt8(ascii: "=")) ?? string.endIndex
            let key = String(decoding: string[..<end], as: UTF8.self).lowercased()
            guard !key.isEmpty, fields[key] == nil else { continue }
            fields[key] = end < string.endIndex ? string[(end + 1)...] : []
        }
        return fields
    }

    private static func version(_ digits: ArraySlice<UInt8>?) throws(DiscoveryError) -> UInt16 {
        guard let digits, (1...5).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let version = UInt16(String(decoding: digits, as: UTF8.self)), version > 0
        else { throw malformed("v is not a number from 1 to 65535") }
        return version
    }

    private static func sixteen(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count == 32, let text = String(validating: digits, as: UTF8.self) else { return nil }
        return Hexadecimal.decode(text)
    }

    private static func name(_ bytes: ArraySlice<UInt8>?) throws(DiscoveryError) -> String {
        guard let bytes, bytes.count <= Limits.deviceNameBytes, let name = String(validating: bytes, as: UTF8.self),
            isName(name)
        else { throw malformed("n is not a name") }
        return name
    }

    private static func malformed(_ detail: String) -> DiscoveryError {
        DiscoveryError(.textMalformed, "The TXT record breaks its specification: \(detail).")
    }
}
