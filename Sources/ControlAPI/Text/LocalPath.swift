/// A path on this machine, or in a folder, as bytes: names are never normalised and need not be UTF-8.
///
/// As text (in JSON, and in the words of a command line after `LocalPath(bytes:)`) it is itself as far as it is valid
/// UTF-8. Every byte that isn't becomes NUL and two lower-case hexadecimal digits. No path contains NUL, so nothing
/// else needs an escape, and the text gives back the same bytes.
public struct LocalPath: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Contains no NUL.
    public let bytes: [UInt8]

    /// What the path would be as a C string: nothing from a NUL on.
    public init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes.prefix { $0 != 0 })
    }

    /// - Returns: nil if a NUL is not followed by two hexadecimal digits of a byte above 0x7f.
    public init?(text: String) {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 0 else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let high = Self.digit(digits.first), let low = Self.digit(digits.last), high > 7
            else { return nil }
            bytes.append(high << 4 | low)
            rest = rest.dropFirst(2)
        }
        self.bytes = bytes
    }

    /// The form that JSON carries.
    public var text: String { escaped { byte in "\0" + Self.digits(byte) } }

    /// For people and terminals: what is no printable text becomes `\xHH`.
    public var description: String {
        let text = escaped { byte in "\\x" + Self.digits(byte) }
        return DisplayText.printable(text)
    }

    /// The path as a string, if it is valid UTF-8.
    public var string: String? { String(validating: bytes, as: UTF8.self) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let path = LocalPath(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no path: a NUL without two digits")
        }
        self = path
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private func escaped(_ escape: (UInt8) -> String) -> String {
        var text = ""
        var decoder = UTF8.ForwardParser()
        var position = 0
        var source = bytes.makeIterator()
        while true {
            switch decoder.parseScalar(from: &source) {
            case .valid(let scalar):
                let decoded = UTF8.decode(scalar)
                text.unicodeScalars.append(decoded)
                position += UTF8.width(decoded)
            case .error(let length):
                for byte in bytes[position..<position + length] { text += escape(byte) }
                position += length
            case .emptyInput:
                return text
            }
        }
    }

    private static func digits(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(let byte) where (0x30...0x39).contains(byte): byte - 0x30
        case .some(let byte) where (0x61...0x66).contains(byte): byte - 0x57
        default: nil
        }
    }
}
