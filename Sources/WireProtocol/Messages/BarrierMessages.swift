public import SyncModel

/// Asks the receiver to rescan the folder and to say when everything up to then is agreed (rule 26).
public struct Barrier: Hashable, Sendable {
    public var folder: FolderID
    /// The sender's own number for it.
    public var token: UInt64

    public init(folder: FolderID, token: UInt64) { (self.folder, self.token) = (folder, token) }
}

/// The answer to a `Barrier`.
public struct BarrierReached: Hashable, Sendable {
    public var folder: FolderID
    public var token: UInt64
    /// False where the folder is paused, held or in error, and `reason` says so.
    public var reached: Bool
    /// The root digest at that moment.
    public var rootDigest: Bytes32?
    /// One sentence for people, at most `Limits.textBytes`; empty where reached.
    public var reason: String

    public init(folder: FolderID, token: UInt64, reached: Bool, rootDigest: Bytes32?, reason: String) {
        self.folder = folder
        self.token = token
        self.reached = reached
        self.rootDigest = rootDigest
        self.reason = reason
    }
}
