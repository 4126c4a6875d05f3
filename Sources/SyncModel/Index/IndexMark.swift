/// How far an index has come, as its folder remembers it: an index that has come less far was put back to an older copy
/// of itself (rule 9), and would give out numbers again that others know.
public struct IndexMark: Hashable, Sendable {
    public var device: DeviceID
    public var epoch: IndexEpoch
    /// The last sequence of its log.
    public var sequence: IndexSequence
    /// The counter that its next edit takes.
    public var nextEdit: UInt64

    public init(device: DeviceID, epoch: IndexEpoch, sequence: IndexSequence = 0, nextEdit: UInt64 = 1) {
        (self.device, self.epoch, self.sequence, self.nextEdit) = (device, epoch, sequence, nextEdit)
    }

    /// How far the index with this status has come.
    public init(_ status: IndexStatus) {
        self.init(
            device: status.device, epoch: status.epoch, sequence: status.mark.sequence, nextEdit: status.nextEdit)
    }

    /// Whether an index with this status is older than what the folder remembers. One of another epoch is: the folder
    /// hears of an index before it is made. A mark of another device came with a copy of its folder and says nothing.
    public func isAhead(of status: IndexStatus) -> Bool {
        guard device == status.device else { return false }
        return epoch != status.epoch || sequence > status.mark.sequence || nextEdit > status.nextEdit
    }
}
