public import SyncModel

/// What was found at a path of the disk.
public enum Found: Hashable, Sendable {
    case absent
    case directory(DiskState, attributes: [ObservedAttribute])
    case symlink(DiskState, target: [UInt8])
    /// A file that was read between two equal stats.
    case file(DiskState, FileContent, attributes: [ObservedAttribute])

    public var disk: DiskState? {
        switch self {
        case .absent: nil
        case .directory(let disk, _), .symlink(let disk, _), .file(let disk, _, _): disk
        }
    }
}

/// An extended attribute as read from the disk.
public struct ObservedAttribute: Hashable, Sendable {
    public let name: [UInt8]
    public let value: [UInt8]

    public init(name: [UInt8], value: [UInt8]) { (self.name, self.value) = (name, value) }
}

/// A path and what was found there.
public struct Observation: Hashable, Sendable {
    public let path: RelativePath
    public let found: Found
    /// Of a directory that is gone: where it went with what was in it.
    public let movedTo: RelativePath?

    public init(path: RelativePath, found: Found, movedTo: RelativePath? = nil) {
        (self.path, self.found, self.movedTo) = (path, found, movedTo)
    }
}

/// Who edits: our author, the counters to draw from. The machine keeps it and persists it with each transaction.
public struct EditContext: Hashable, Sendable {
    public let author: Author
    /// The last edit counter that was given out.
    public var counter: UInt64
    /// The greatest stamp counter seen, from anyone.
    public var stampCounter: UInt64
    /// Whether others take what this author makes: if not, conflict copies and what follows a move are left to them.
    public var mayAnnounce: Bool

    public init(author: Author, counter: UInt64, stampCounter: UInt64, mayAnnounce: Bool = true) {
        self.author = author
        self.counter = counter
        self.stampCounter = stampCounter
        self.mayAnnounce = mayAnnounce
    }

    mutating func nextOrigin() -> Origin {
        counter += 1
        return Origin(author: author, counter: counter)
    }

    mutating func stamp<Value>(_ value: Value) -> Stamped<Value> {
        stampCounter += 1
        return Stamped(value, at: Stamp(counter: stampCounter, device: author.device))
    }
}
