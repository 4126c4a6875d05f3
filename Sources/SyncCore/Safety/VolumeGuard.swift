public import SyncModel

/// What tells a folder's root from another directory at the same path.
public struct VolumeIdentity: Hashable, Sendable {
    /// The folder ID of the marker file in `.lanyard/`, nil if there is none.
    public var marker: FolderID?
    /// Device number and inode of the root directory.
    public var device: UInt64
    public var inode: UInt64

    public init(marker: FolderID?, device: UInt64, inode: UInt64) {
        (self.marker, self.device, self.inode) = (marker, device, inode)
    }
}

/// Whether what stands at a folder's path is the folder: asked before anything is deleted or its absence believed
/// (architecture, section 4). An unmounted disk leaves an empty directory behind, which is `missing` and never a
/// deletion.
public enum VolumeGuard {
    /// What was found at a folder's path.
    public enum Verdict: Hashable, Sendable {
        /// The same directory of the same file system.
        case same
        /// The folder by its marker, on another device number or inode: remounted, restored or copied. Absence is
        /// believed only after a full scan and the check of rule 9.
        case moved
        /// Not there, or another directory.
        case missing
    }

    /// `known` is the identity when the folder was last seen, `found` that at its path now, nil if there is no
    /// directory.
    public static func verdict(known: VolumeIdentity, found: VolumeIdentity?) -> Verdict {
        guard let found, let marker = known.marker, found.marker == marker else { return .missing }
        return found.device == known.device && found.inode == known.inode ? .same : .moved
    }
}
