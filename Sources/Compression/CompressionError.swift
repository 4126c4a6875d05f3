/// Why bytes could not be compressed or decompressed. Two errors are equal if their codes are.
public struct CompressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// The bytes are not one whole frame of zstd and nothing else.
        case malformed
        /// The frame holds another number of bytes than was expected of it.
        case wrongSize
        /// There is no room for the result, or no memory to make it.
        case noRoom
    }

    public let code: Code
    /// What happened, to what, and what to do.
    public let message: String

    public init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    public var description: String { message }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
