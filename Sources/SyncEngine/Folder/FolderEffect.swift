public import SyncCore
public import SyncModel
public import WireProtocol

/// A content to be fetched into the stage.
public struct WantedContent: Hashable, Sendable {
    public var content: FileContent
    /// Where it is to stand.
    public var path: RelativePath
    /// Members that said they have it.
    public var sources: [DeviceID]
    /// What our row at the path holds now: most of an edited file is there already.
    public var similar: FileContent?
    /// Where it stood before it lost a conflict or was moved, first where it was last: what was replaced there is in
    /// history, here or where it was made.
    public var former: [RelativePath]

    public init(
        content: FileContent, path: RelativePath, sources: [DeviceID], similar: FileContent?,
        former: [RelativePath] = []
    ) {
        self.content = content
        self.path = path
        self.sources = sources
        self.similar = similar
        self.former = former
    }
}

/// A file's content and where it is, or was.
public struct FoundContent: Hashable, Sendable {
    public var path: RelativePath
    public var content: FileContent

    public init(path: RelativePath, content: FileContent) { (self.path, self.content) = (path, content) }
}

/// What a folder's machine wants done. Those with a ticket are answered by an event with it; of them at most one is
/// under way at a time, so the index never changes between what was loaded and what is committed.
public enum FolderEffect: Sendable {
    /// Rows and needs of paths, and what lies below directories. Answered by `loaded`, which has all of them.
    case load(Ticket, paths: [RelativePath], below: [RelativePath])
    /// What the index knows on the disk below these directories, at none of the paths `gone`, and not ignored: up to
    /// `Loaded.standingGreatest`, with rows and needs. Answered by `loaded`.
    case loadStanding(Ticket, below: [RelativePath], gone: Set<RelativePath>)
    /// Rows and needs between two paths, both included, in any order: of live rows and of needs of a state at most
    /// `limit`. Answered by `loaded`.
    case loadRange(Ticket, first: RelativePath, last: RelativePath, limit: Int)
    /// Rows that stand as found or old, in path order, and their needs. Answered by `loaded`.
    case loadUnsettled(Ticket, after: RelativePath?, limit: Int)
    /// Local rows in path order, and their needs. Answered by `loaded`.
    case loadLocal(Ticket, after: RelativePath?, limit: Int)
    /// Needs of one state in path order. Answered by `needsLoaded`.
    case loadNeeds(Ticket, NeedState, after: RelativePath?, limit: Int)
    /// The digests of our records by bucket. Answered by `digestsLoaded`.
    case loadDigests(Ticket, DigestDomain)
    /// A part of our records of a bucket, beyond a path; it may hold none. Answered by `itemsLoaded`.
    case loadItems(Ticket, DigestDomain, bucket: UInt8, after: RelativePath?)
    /// Which of these contents stood at their paths, as far as the index knows. Answered by `heldLoaded`.
    case loadHeld(Ticket, [FoundContent])
    /// Look whether a member has shown a place in our log. Answered by `markRefused` if it is none.
    case checkMark(DeviceID, LogMark)
    /// Deletions in path order, of paths that nothing is needed at. Answered by `deletionsLoaded`.
    case loadDeletions(Ticket, after: RelativePath?, limit: Int)
    /// Answered by `committed`.
    case commit(Ticket, IndexTransaction)
    /// A wave. Answered by `executed`.
    case execute(Ticket, [ApplyStep])
    /// Answered by `flushed`.
    case flush(Ticket)
    /// After a failed flush: read what is not flushed from the disk itself, past what memory has of it, and give it as
    /// `opened`. The contents of the stage go.
    case reopen
    /// Walk a directory (nil: all) and give what differs from the index as `observed`, then `scanEnded`.
    case scan(RelativePath?)
    /// Observe these paths now, and give what was found as `observed`, then `readEnded`.
    case read([AdaptiveDeferral.Due])
    /// The machine has taken one `observed` that is paced: the next may be given.
    case tookObservations
    case fetch(WantedContent)
    case cancelFetch(FileContent)
    case releaseInline([UInt64])
    case send(DeviceID, Message)
    /// The connection to the member is of no more use: it broke a rule.
    case disconnect(DeviceID, CloseCode, String)
    /// Sign that deletions by this author, up to this counter, are meant. Answered by `released`, unless it can't be.
    case signRelease(Author, upTo: UInt64)
    /// The folder's state as people see it changed.
    case changed
}
