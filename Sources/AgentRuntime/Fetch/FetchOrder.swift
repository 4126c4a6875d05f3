public import SyncCore
public import SyncModel

/// Where a content can be had.
public struct FetchSource: Hashable, Sendable {
    public let device: DeviceID
    /// The path at which the device announced it, or has it in history.
    public let path: RelativePath

    public init(device: DeviceID, path: RelativePath) { (self.device, self.path) = (device, path) }
}

/// A content that is wanted in the stage.
public struct FetchOrder: Hashable, Sendable {
    public var content: FileContent
    /// Where it is to stand here.
    public var path: RelativePath
    /// At most one a device.
    public var sources: [FetchSource]
    /// What our row at `path` holds now, if that is a file that is on our disk.
    public var similar: FileContent?
    /// Where it stood before, if here: it may be in history.
    public var former: [RelativePath]
    public var priority: FetchPriority

    public init(
        content: FileContent, path: RelativePath, sources: [FetchSource], similar: FileContent?,
        former: [RelativePath] = [], priority: FetchPriority
    ) {
        self.content = content
        self.path = path
        self.sources = sources
        self.similar = similar
        self.former = former
        self.priority = priority
    }
}

/// Why a content could not be fetched.
public enum FetchFailure: Error, Hashable, Sendable {
    /// No device that is connected has it (any more), or what they sent was not it. What came so far stays in the
    /// stage, and another order goes on with it.
    case noSource(FetchMiss)
    case diskFull(String)
    /// Reading or writing here failed.
    case inputOutput(String)
}

/// What a fetcher tells. Any thread; one order ends with exactly one event, unless it was cancelled.
public enum FetchEvent: Sendable {
    /// It is in the stage, whole and verified. `chunks` are its chunks, if it is more than one.
    case staged(FileContent, chunks: [ChunkReference]?)
    case failed(FileContent, FetchFailure)
}
