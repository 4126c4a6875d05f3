/// Bytes from outside that are no chunk list or no node of one. Equal when the codes are.
public struct ChunkingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Not a whole number of entries.
        case partialEntry
        /// An entry's length is outside its bounds.
        case entryLength
        /// The entries' lengths do not add up to the size that was promised.
        case wrongTotal
        /// No entry, or more than a node may hold.
        case entryCount
        /// The bytes do not have the hash that they were asked for by.
        case wrongHash
        /// A list that was put together from verified nodes is not the one that its cut rules make.
        case notCanonical
        /// A level above the highest that a file of that size can have.
        case tooDeep
        /// A node that was not asked for.
        case unexpectedNode
    }

    public let code: Code
    /// What is wrong, with the figures.
    public let message: String

    init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    public var description: String { message }

    public static func == (left: ChunkingError, right: ChunkingError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
