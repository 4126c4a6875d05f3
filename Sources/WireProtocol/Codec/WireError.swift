/// Why bytes, or a message at this moment, are refused. Two errors are equal when their codes are.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of the refusal.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        // MARK: Bytes
        /// The bytes end before the value does.
        case truncated
        /// Bytes follow the last field.
        case trailingBytes
        /// A number is written longer than needed, or a value in another form than the only one allowed.
        case notCanonical
        /// A count, length or number is above its bound.
        case overLimit
        /// A field has a value that means nothing.
        case invalidValue
        /// Text that is not UTF-8 or holds control characters.
        case invalidText
        /// Bytes that are no path of a folder.
        case invalidPath
        /// A list that must ascend does not.
        case notAscending
        /// Fields that do not go together.
        case inconsistent
        /// A message type below 128 that is not known.
        case unknownType
        /// An extension that must not be passed over is not known.
        case unknownExtension
        // MARK: Signatures
        /// A key that does not fit the device, or a signature that does not verify.
        case invalidSignature
        // MARK: Session
        /// The message does not belong here: before the hello, after the close, twice.
        case outOfState
        /// The two sides have no common version.
        case versionMismatch
        /// The message is for paired devices only.
        case notPaired
        /// The folder was not offered by both sides.
        case unknownFolder
        /// An answer to nothing that was asked, or another one than was asked for.
        case unrequested
        /// More than the bounds allow under way.
        case tooMany
    }

    public let code: Code
    /// The byte of the payload at which the refused field begins or ends; 0 where no bytes are concerned.
    public let offset: Int
    /// One sentence: what is wrong with what.
    public let message: String

    public init(_ code: Code, at offset: Int = 0, _ message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }

    public var description: String { "\(message) (\(code.rawValue), byte \(offset))" }

    public static func == (left: WireError, right: WireError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
