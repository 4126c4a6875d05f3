public import SyncModel

/// The effects of a wave, in the order of their sequences: where tests let a process die or the system refuse.
public enum ApplyPoint: String, Hashable, Sendable, CaseIterable {
    /// Before the contents that replace others are flushed.
    case flushPrepared
    /// Before the content gets its metadata, still invisible.
    case prepare
    case createDirectory
    /// Before a new name becomes visible, and after.
    case place
    case placed
    /// Before the lease on what stands there.
    case lease
    case exchange
    case exchanged
    case exchangeBack
    /// Before what stands at a path is renamed into the stage, and after.
    case take
    case taken
    case putBack
    /// Before what came out goes to history, and after.
    case file
    case filed
    case removeDirectory
    case move
    case moved
    case moveBack
    case setMetadata
    /// Before the flush that acknowledgements wait for.
    case flush
}

/// Called at every effect with the step's path. A number other than 0 makes the effect fail with that errno.
public typealias FailPoint = @Sendable (ApplyPoint, RelativePath?) -> Int32

/// What came of a wave.
public struct WaveReport: Hashable, Sendable {
    /// One a step, in their order.
    public var outcomes: [ApplyOutcome]
    /// What went to history. Look at these again for a while (`History.changed(among:)`): whoever had one open may go
    /// on writing to it.
    public var filed: [HistoryEntry]
    public var notes: [ApplyNote]

    public init(outcomes: [ApplyOutcome] = [], filed: [HistoryEntry] = [], notes: [ApplyNote] = []) {
        self.outcomes = outcomes
        self.filed = filed
        self.notes = notes
    }
}

/// What should be known of a step beside its outcome.
public enum ApplyNote: Hashable, Sendable {
    /// No lease could be taken (rule 10): an open writer would not have been noticed.
    case withoutLease(RelativePath)
    /// What was taken from the path turned out to be something else and could not be put back, because the name was
    /// taken again meanwhile: both are kept, this one in history.
    case keptInHistory(HistoryEntry)
    /// What was taken could not be moved to history or back; it is in the stage until `Applier.recover`.
    case leftInStage(RelativePath, message: String)
}
