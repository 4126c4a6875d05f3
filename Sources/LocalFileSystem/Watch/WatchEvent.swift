public import SyncModel

/// What a watcher saw. Every event says where to look again, none what is there: only looking tells.
public enum WatchEvent: Hashable, Sendable {
    /// A file was written and then closed: read it now.
    case closedAfterWriting(RelativePath)
    /// A file was made or written and is still open: read it when it rests (`AdaptiveDeferral`).
    case modified(RelativePath)
    /// Something else happened there: made, deleted, moved to or from, metadata. Look at it again.
    case changed(RelativePath)
    /// Anything may have changed below this directory; nil for the whole folder. Walk it, handing its directories to
    /// the watcher.
    case rescan(RelativePath?)
    /// A directory was deleted or moved away, with all that was in it. Look elsewhere first: where it went, it comes as
    /// `.rescan`.
    case left(RelativePath)
    /// The root directory was renamed or unmounted, or its `.lanyard` is gone, as when all of it is deleted: verify the
    /// folder (`OpenFolder.verify`) before anything absent is taken for deleted.
    case rootGone
    /// So many directories could not be watched, because the system allows no more watches; 0 when all are again. Those
    /// are to be walked from time to time.
    case watchLimit(uncovered: Int)
}

/// How much of a folder is watched.
public struct WatchCoverage: Hashable, Sendable {
    public var watched = 0
    public var uncovered = 0

    public init(watched: Int = 0, uncovered: Int = 0) { (self.watched, self.uncovered) = (watched, uncovered) }
}
