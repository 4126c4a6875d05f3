/// Why a database of ours could not do what was asked. Equal by code.
public struct IndexError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the caller can do about it.
    public enum Code: String, Hashable, Sendable {
        /// The file is damaged or no database of ours: set it aside and rebuild (rule 8).
        case corrupt
        /// A newer Lanyard wrote it: use that version (or a newer one).
        case newerSchema
        /// It belongs to another folder or device.
        case foreign
        /// Nothing is there.
        case missing
        /// An index whose making was interrupted: there is nothing in it.
        case unfinished
        /// Something is there already: another database, or a name or path that must be unique.
        case exists
        /// Another process holds it.
        case busy
        /// The file system is full.
        case diskFull
        /// The operating system refused: permissions, a read-only file system, an I/O error.
        case inputOutput
        /// A bound of `Limits` would be passed.
        case limit
        /// The transaction contradicts the index, for example by a sequence that is used already: nothing was done.
        case refused
        /// SQLite failed in a way that has no other name here.
        case other
    }

    public let code: Code
    /// One sentence: what happened, to what, and what to do.
    public let message: String
    /// SQLite's extended result code, 0 where it wasn't SQLite.
    public let cause: Int32

    public init(_ code: Code, _ message: String, cause: Int32 = 0) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        cause == 0 ? "\(code.rawValue): \(message)" : "\(code.rawValue): \(message) (SQLite \(cause))"
    }

    public static func == (left: IndexError, right: IndexError) -> Bool { left.code == right.code }
}
