/// Why something can't be synced now, for a person.
public struct Problem: Hashable, Sendable {
    /// What kind it is: decides whether it stops one path, the folder or nothing.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case permissionDenied
        case diskFull
        case readOnlyFileSystem
        case inputOutput
        case nameTooLong
        case unsupportedKind
        case nestedMount
        case openForWriting
        case keepsChanging
        case notEmpty
        case noSource
        case unreadable
        case hardLinks
        case watchLimit
        case caseCollision
        case other
    }

    /// Nil when it concerns the whole folder.
    public var path: RelativePath?
    public var kind: Kind
    /// One sentence: what happened, to what, and what to do.
    public var message: String

    public init(path: RelativePath?, kind: Kind, message: String) {
        self.path = path
        self.kind = kind
        self.message = message
    }
}
