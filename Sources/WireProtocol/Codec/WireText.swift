/// Text on the wire: UTF-8 without control characters, because it ends up on terminals and in logs.
public enum WireText {
    /// `text` without control characters and cut, at a character, to `limit` bytes: fit to be sent.
    public static func cleaned(_ text: String, limit: Int) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let clean = isControl(scalar) ? " " : scalar
            count += UTF8.width(clean)
            if count > limit { break }
            result.unicodeScalars.append(clean)
        }
        return result
    }

    /// Nil unless the bytes are UTF-8 without control characters.
    static func string(_ bytes: some Collection<UInt8>) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self), isClean(text) else { return nil }
        return text
    }

    static func isClean(_ text: String) -> Bool { !text.unicodeScalars.contains(where: isControl) }

    /// The control characters of ASCII and Latin-1, and those that reorder what a person reads.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
