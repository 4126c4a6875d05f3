/// What must stand at a path for a step to go on; anything else is kept and reported, never overwritten.
public enum Expectation: Hashable, Sendable {
    /// Nothing.
    case absent
    /// An entry whose stat is this in the sense of `DiskState.sameContent(as:)`.
    case entry(DiskState)
}

/// Metadata to give an entry once its content is in place.
public struct EntryMetadata: Hashable, Sendable {
    /// Nil leaves it: symlinks and directories.
    public var modified: Timestamp?
    public var mode: FileMode?
    /// `user.*` attributes to set, or to remove where the value is nil.
    public var attributes: [ExtendedAttribute]

    public init(modified: Timestamp? = nil, mode: FileMode? = nil, attributes: [ExtendedAttribute] = []) {
        self.modified = modified
        self.mode = mode
        self.attributes = attributes
    }
}

/// Where the bytes of a new file are.
public enum ContentSource: Hashable, Sendable {
    /// A complete and verified file of the stage, named by its content.
    case staged(FileContent)
    /// Bytes that the runner holds in memory under this number, and that are this content.
    case inline(handle: UInt64, FileContent)
}

/// One change of the disk.
public enum ApplyAction: Hashable, Sendable {
    case createDirectory(EntryMetadata)
    /// A file where nothing stands, or in the place of what is expected; what stood there goes to history.
    case placeFile(ContentSource, EntryMetadata)
    /// A symlink where nothing stands, or in the place of what is expected.
    case placeSymlink(target: [UInt8], EntryMetadata)
    case setMetadata(EntryMetadata)
    /// Renames the expected entry of `path` to `to`, where nothing may stand. A directory takes its subtree along.
    case move(to: RelativePath, EntryMetadata)
    /// To history; a directory only when it is empty.
    case delete
}

/// A step of an apply wave. Steps are carried out in order.
public struct ApplyStep: Hashable, Sendable {
    public var path: RelativePath
    public var expected: Expectation
    public var action: ApplyAction

    public init(path: RelativePath, expected: Expectation, action: ApplyAction) {
        self.path = path
        self.expected = expected
        self.action = action
    }
}

/// What came of a step.
public enum ApplyOutcome: Hashable, Sendable {
    /// Done; the stat of the new entry, nil after a deletion.
    case applied(DiskState?)
    /// Something else stood there before the step, and still does: look at the path again.
    case changed
    /// Something else came there during the step, as the look after it found, and stands there. In between the path
    /// showed what the step had made of it: look at the path again.
    case undone
    /// The directory to be deleted still holds entries that are not ours to delete.
    case notEmpty
    /// Another process has the file open for writing (rule 10); try later.
    case openForWriting
    /// The parent directory is missing, or a component of it is no directory.
    case noParent
    /// The operating system refused; nothing was changed.
    case failed(Problem.Kind, message: String)

    /// Whether the step was carried out.
    public var isApplied: Bool { if case .applied = self { true } else { false } }
}

extension ApplyStep {
    /// Whether the step before it in a wave was to make room for it, and did not: what stands there is somebody's, and
    /// it is not carried out. It would take a directory for the one that it was to make.
    public func findsNoRoom(after step: ApplyStep?, _ outcome: ApplyOutcome?) -> Bool {
        step?.path == path && step?.action == .delete && outcome?.isApplied == false
    }
}
