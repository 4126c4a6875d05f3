public import SyncModel

/// One folder of this device, as a person names it.
///
/// It fits the folder whose name or ID is `text`; if there is none, the one whose path is `path`.
public struct FolderSelector: Hashable, Sendable, Codable {
    /// The word as it was given.
    public var text: String
    /// The same word taken as a path and made absolute; null where only names make sense.
    @NullWhenAbsent public var path: LocalPath?

    public init(text: String, path: LocalPath? = nil) {
        self.text = text
        self.path = path
    }
}

/// `folder list`: the folders of this device, and those that others offer to it.
public struct FolderList: Hashable, Sendable, Codable {
    public var folders: [FolderStatus]
    public var offers: [FolderOffer]

    public init(folders: [FolderStatus], offers: [FolderOffer] = []) {
        self.folders = folders
        self.offers = offers
    }
}

/// A folder that a paired device shares with this one, and that isn't accepted yet.
public struct FolderOffer: Hashable, Sendable, Codable {
    public var id: String
    public var name: String
    /// The name of the device that offers it.
    public var device: String
    public var role: Role

    public init(id: String, name: String, device: String, role: Role) {
        self.id = id
        self.name = name
        self.device = device
        self.role = role
    }
}

/// `folder add`.
public struct FolderAddition: Hashable, Sendable, Codable {
    /// Absolute.
    public var path: LocalPath
    public var paused: Bool
    /// Null: the last component of the path.
    @NullWhenAbsent public var name: String?

    public init(path: LocalPath, paused: Bool = false, name: String? = nil) {
        self.path = path
        self.paused = paused
        self.name = name
    }
}

/// `folder share`: to whom, and what the device may do.
public struct FolderShare: Hashable, Sendable, Codable {
    public var folder: FolderSelector
    /// A name or an ID.
    public var device: String
    public var role: Role

    public init(folder: FolderSelector, device: String, role: Role = .readWrite) {
        self.folder = folder
        self.device = device
        self.role = role
    }
}

/// `folder accept`: which offer, and where the folder shall be.
public struct FolderAcceptance: Hashable, Sendable, Codable {
    /// The name or ID of an offer.
    public var offer: String
    /// Whose offer, if several have the name.
    @NullWhenAbsent public var device: String?
    /// Absolute; made if missing.
    public var path: LocalPath

    public init(offer: String, device: String? = nil, path: LocalPath) {
        self.offer = offer
        self.device = device
        self.path = path
    }
}

/// `folder set deletion-budget`.
public struct DeletionBudgetChange: Hashable, Sendable, Codable {
    public var folder: FolderSelector
    /// How many deletions in a rolling hour are let through; null: no bound.
    @NullWhenAbsent public var files: UInt64?

    public init(folder: FolderSelector, files: UInt64?) {
        self.folder = folder
        self.files = files
    }
}

/// `folder revert`: local changes that are taken back.
public struct FolderReversal: Hashable, Sendable, Codable {
    public var folder: FolderSelector
    /// In the folder; what is below them is taken back too. None: all of it.
    public var paths: [LocalPath]

    public init(folder: FolderSelector, paths: [LocalPath] = []) {
        self.folder = folder
        self.paths = paths
    }
}

/// `folder changes`: an entry that differs from what the members agree on, and is told to nobody.
public struct LocalChangeReport: Hashable, Sendable, Codable {
    /// How it differs.
    public enum Change: String, Hashable, Sendable, Codable, CaseIterable {
        case edited, added, deleted
        /// Only times, permissions or attributes.
        case metadata
        /// Something new has no place: its directory was deleted or replaced here.
        case missing
    }

    /// In the folder.
    public var path: LocalPath
    public var change: Change
    /// The size of what is here.
    public var bytes: UInt64

    public init(path: LocalPath, change: Change, bytes: UInt64) {
        self.path = path
        self.change = change
        self.bytes = bytes
    }
}
