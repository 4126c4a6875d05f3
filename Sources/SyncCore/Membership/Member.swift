public import SyncModel

/// A device that belongs to a folder now.
public struct Member: Hashable, Sendable {
    public var device: DeviceID
    public var role: Role
    /// 1 for its first membership; each return after a removal has the next.
    public var incarnation: UInt64
    /// As conflict copies show it: frozen in the record that added it (rule 5).
    public var name: String

    public init(device: DeviceID, role: Role, incarnation: UInt64, name: String) {
        self.device = device
        self.role = role
        self.incarnation = incarnation
        self.name = name
    }
}
