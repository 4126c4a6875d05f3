/// A path to ask about.
public struct PathQuery: Hashable, Sendable, Codable {
    /// Absolute; or, if a folder is given, the path in it.
    public var path: LocalPath
    /// Null: the folder that the path lies in.
    @NullWhenAbsent public var folder: FolderSelector?

    public init(path: LocalPath, folder: FolderSelector? = nil) {
        self.path = path
        self.folder = folder
    }
}

/// `why`: whether a path is in sync, and if not, the one reason that stands in the way.
public struct WhyReport: Hashable, Sendable, Codable {
    /// The folder's name, and the path in it.
    public var folder: String
    public var path: LocalPath
    public var inSync: Bool
    /// One sentence.
    public var reason: String

    public init(folder: String, path: LocalPath, inSync: Bool, reason: String) {
        self.folder = folder
        self.path = path
        self.inSync = inSync
        self.reason = reason
    }
}

/// A conflict copy that lies in a folder.
public struct ConflictReport: Hashable, Sendable, Codable {
    public var folder: String
    /// The copy, and what it is a copy of, in the folder.
    public var path: LocalPath
    public var original: LocalPath
    /// The name of the device that its content comes from.
    public var device: String
    public var bytes: UInt64
    /// The content's own time; null for what has none.
    @NullWhenAbsent public var modified: Timestamp?

    public init(
        folder: String, path: LocalPath, original: LocalPath, device: String, bytes: UInt64, modified: Timestamp? = nil
    ) {
        self.folder = folder
        self.path = path
        self.original = original
        self.device = device
        self.bytes = bytes
        self.modified = modified
    }
}

/// A content that once stood at a path.
public struct HistoryVersion: Hashable, Sendable, Codable {
    /// In the folder.
    public var path: LocalPath
    /// When it was replaced or deleted.
    public var replaced: Timestamp
    /// The content's own time; null for what has none.
    @NullWhenAbsent public var modified: Timestamp?
    public var bytes: UInt64

    public init(path: LocalPath, replaced: Timestamp, modified: Timestamp? = nil, bytes: UInt64) {
        self.path = path
        self.replaced = replaced
        self.modified = modified
        self.bytes = bytes
    }
}

/// `restore`: what, and as of when.
public struct RestoreRequest: Hashable, Sendable, Codable {
    public var query: PathQuery
    /// Restores what stood there at that time; null: the newest content in history.
    @NullWhenAbsent public var at: Timestamp?

    public init(query: PathQuery, at: Timestamp? = nil) {
        self.query = query
        self.at = at
    }
}

/// What `restore` put back.
public struct RestoreReport: Hashable, Sendable, Codable {
    public var folder: String
    /// The version that stands at its path again. What stood there is in history now.
    public var restored: HistoryVersion

    public init(folder: String, restored: HistoryVersion) {
        self.folder = folder
        self.restored = restored
    }
}

/// `check-ignore`: the pattern that decides about a path.
public struct IgnoreReport: Hashable, Sendable, Codable {
    public var folder: String
    public var path: LocalPath
    public var ignored: Bool
    /// The last pattern that fits, also if it begins with `!`; null if none does.
    @NullWhenAbsent public var pattern: String?
    /// Its line in `.lanyardignore`, from 1.
    @NullWhenAbsent public var line: Int?

    public init(folder: String, path: LocalPath, ignored: Bool, pattern: String? = nil, line: Int? = nil) {
        self.folder = folder
        self.path = path
        self.ignored = ignored
        self.pattern = pattern
        self.line = line
    }
}
