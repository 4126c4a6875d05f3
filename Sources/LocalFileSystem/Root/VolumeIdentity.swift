/// What tells whether a path still leads to the same directory of the same disk.
public struct VolumeIdentity: Hashable, Sendable {
    public let marker: Marker
    /// Of the root directory. Device numbers may change from boot to boot.
    public let device: UInt64
    public let inode: UInt64
    /// statfs's type and identifier; the identifier is 0 where the file system has none.
    public let fileSystemType: UInt64
    public let fileSystemIdentifier: UInt64

    public init(
        marker: Marker, device: UInt64, inode: UInt64, fileSystemType: UInt64, fileSystemIdentifier: UInt64
    ) {
        self.marker = marker
        self.device = device
        self.inode = inode
        self.fileSystemType = fileSystemType
        self.fileSystemIdentifier = fileSystemIdentifier
    }

    /// How the directory found at a start relates to the one remembered from before.
    public enum Relation: Hashable, Sendable {
        /// The same directory.
        case same
        /// The marker is the same, the directory or the file system is not: restored from a backup, copied to another
        /// disk, or cloned. Absence means nothing there before a person has said so.
        case copied
        /// Another folder, or the same folder made anew.
        case other
    }

    /// Compares with what was `remembered`, whatever the device number is now.
    public func relation(to remembered: VolumeIdentity) -> Relation {
        guard marker == remembered.marker else { return .other }
        let isSame =
            inode == remembered.inode && fileSystemType == remembered.fileSystemType
            && fileSystemIdentifier == remembered.fileSystemIdentifier
        return isSame ? .same : .copied
    }
}
