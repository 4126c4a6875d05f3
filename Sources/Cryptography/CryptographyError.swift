internal import COpenSSL

/// Why a key or a signature could not be made or read. Two errors are equal if their codes are.
public struct CryptographyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// The text is not one PEM private key.
        case malformedKey
        /// The key is sound but of another type than Ed25519.
        case wrongKeyType
        /// OpenSSL refused an operation that succeeds unless memory ran out.
        case operationFailed
    }

    public let code: Code
    /// What happened, to what, and what to do.
    public let message: String
    /// OpenSSL's error queue as text; empty if it said nothing.
    public let cause: String

    public init(_ code: Code, _ message: String, cause: String = "") {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { cause.isEmpty ? message : "\(message) (\(cause))" }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

/// The calling thread's OpenSSL error queue.
public enum OpenSSLErrors {
    /// Empties the queue: the next failure's text is then its own.
    public static func clear() { ERR_clear_error() }

    /// Takes every entry off the queue, oldest first, joined by "; ".
    public static func take() -> String {
        var lines: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return lines.joined(separator: "; ") }
            let line = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                ERR_error_string_n(code, buffer.baseAddress, buffer.count)
                return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
            if lines.count < 8 { lines.append(line) }
        }
    }
}
