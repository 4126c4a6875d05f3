/// Decimal numbers as addresses write them: no sign, no blanks, no leading zeros.
enum Decimal {
    static func number(_ digits: ArraySlice<UInt8>, atMost limit: UInt64) -> UInt64? {
        guard (1...10).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else {
            return nil
        }
        var number: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return number <= limit ? number : nil
    }

    static func dottedQuad(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = Decimal.number(part, atMost: 255) else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }
}

/// Names of hosts: labels of letters, digits, `-` and `_`, joined by dots (RFC 1123, with mDNS's underscores).
enum HostName {
    /// In lower case, or nil if it is none. A name whose last label is a number would be a malformed address.
    static func checked(_ bytes: ArraySlice<UInt8>) -> String? {
        guard (1...Limits.hostNameBytes).contains(bytes.count) else { return nil }
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
            else { return nil }
        }
        guard let last = labels.last, !last.allSatisfy({ $0 < UInt8(ascii: "A") }) else { return nil }
        return String(decoding: bytes, as: UTF8.self).lowercased()
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

/// IPv6 addresses as RFC 4291 reads and RFC 5952 writes them.
enum IPv6Text {
    static func decode(_ bytes: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard let gap = gapStart(bytes) else {
            guard let groups = groups(bytes), groups.count == 8 else { return nil }
            return join(groups)
        }
        let tail = bytes[(gap + 2)...]
        guard let before = groups(bytes[..<gap], last: false), let after = groups(tail),
            before.count + after.count < 8
        else { return nil }
        return join(before + [UInt16](repeating: 0, count: 8 - before.count - after.count) + after)
    }

    static func encode(high: UInt64, low: UInt64) -> String {
        let groups = [high, low].flatMap { word in
            (0..<4).map { UInt16(truncatingIfNeeded: word >> UInt64(48 - $0 * 16)) }
        }
        let gap = longestZeros(groups)
        guard gap.count > 1 else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    private static func text(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// The longest run of zero groups, the first of equals.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }

    private static func gapStart(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
    }

    /// Groups joined by single colons, none for no bytes; the last may be a dotted quad where `last` holds.
    private static func groups(_ bytes: ArraySlice<UInt8>, last: Bool = true) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: colon, omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if last, index == parts.count - 1, let quad = Decimal.dottedQuad(part) {
                groups += [UInt16(quad >> 16), UInt16(truncatingIfNeeded: quad)]
                continue
            }
            guard (1...4).contains(part.count), part.allSatisfy(HostName.isLetterOrDigit),
                let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }

    private static func join(_ groups: [UInt16]) -> (high: UInt64, low: UInt64) {
        (groups[..<4].reduce(0) { $0 << 16 | UInt64($1) }, groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    private static let colon = UInt8(ascii: ":")
}
