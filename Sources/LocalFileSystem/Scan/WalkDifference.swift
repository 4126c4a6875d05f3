public import SyncModel

/// What the index knows of a path that a walk comes by.
public struct KnownEntry: Hashable, Sendable {
    public let path: RelativePath
    public let kind: EntryKind
    /// Nil where nothing of it is on the disk.
    public let disk: DiskState?
    /// Its stat is not to be trusted (`EntryReading.isRacy`).
    public let isRacy: Bool

    public init(path: RelativePath, kind: EntryKind, disk: DiskState?, isRacy: Bool = false) {
        self.path = path
        self.kind = kind
        self.disk = disk
        self.isRacy = isRacy
    }
}

/// One thing that a walk found to be otherwise than the index knows.
public enum WalkDifference: Hashable, Sendable {
    /// The entry is new, or its stat is not the known one: to be read (`EntryReader`).
    case changed(RelativePath)
    /// Nothing stands there any more, and the directory that would hold it can be looked into.
    case gone(RelativePath)
    /// What is known there, and below it, is neither changed nor gone.
    case problem(Problem)

    /// Nil for a problem of the whole folder.
    public var path: RelativePath? {
        switch self {
        case .changed(let path), .gone(let path): path
        case .problem(let problem): problem.path
        }
    }
}

/// What a walk came by.
public struct WalkSummary: Hashable, Sendable {
    /// Entries looked at, ignored ones aside.
    public var entries = 0
    public var directories = 0
    public var changed = 0
    public var gone = 0
    public var problems = 0
    /// False when it was cancelled.
    public var isComplete = true
}
