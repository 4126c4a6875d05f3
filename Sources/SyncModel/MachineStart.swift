/// A start of the machine, or of the disk that a folder is on, if that was attached later: what was not flushed before
/// it may be torn (rule 12).
public struct MachineStart: Hashable, Sendable {
    /// The kernel's name for it, and for the disk's attachment: never the same again.
    public let id: String
    /// When it was, by the clock that times of files are of.
    public let at: Timestamp

    public init(id: String, at: Timestamp) {
        self.id = id
        self.at = at
    }
}
