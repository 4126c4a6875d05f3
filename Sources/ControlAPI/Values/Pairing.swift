public import SyncModel

/// `invite`: to which folder, and as what.
public struct InviteRequest: Hashable, Sendable, Codable {
    /// Null only if there is exactly one folder.
    @NullWhenAbsent public var folder: FolderSelector?
    public var role: Role

    public init(folder: FolderSelector? = nil, role: Role = .readWrite) {
        self.folder = folder
        self.role = role
    }
}

/// A link that lets one device join, once.
public struct Invite: Hashable, Sendable, Codable {
    /// `lanyard://…`, with the addresses that the inviter listens on.
    public var link: String
    public var expires: Timestamp

    public init(link: String, expires: Timestamp) {
        self.link = link
        self.expires = expires
    }
}

/// `join`: by which link, and where the folder shall be.
public struct JoinRequest: Hashable, Sendable, Codable {
    public var link: String
    /// Absolute, made if missing. Null: the folder's name in the person's home directory.
    @NullWhenAbsent public var path: LocalPath?

    public init(link: String, path: LocalPath? = nil) {
        self.link = link
        self.path = path
    }
}

/// What was joined.
public struct JoinedFolder: Hashable, Sendable, Codable {
    /// The inviter's name, the folder's name, and where it is here.
    public var device: String
    public var folder: String
    public var path: LocalPath

    public init(device: String, folder: String, path: LocalPath) {
        self.device = device
        self.folder = folder
        self.path = path
    }
}

/// A device on the local network that could be paired with.
public struct NearbyDevice: Hashable, Sendable, Codable {
    public var name: String
    /// `HOST:PORT`.
    public var address: String
    /// Whether it waits for a pairing now.
    public var pairing: Bool

    public init(name: String, address: String, pairing: Bool) {
        self.name = name
        self.address = address
        self.pairing = pairing
    }
}

/// `pair`: with whom, and what to share.
public struct PairingRequest: Hashable, Sendable, Codable {
    /// A name or address of a device; null: whoever pairs at the same time nearby.
    @NullWhenAbsent public var device: String?
    /// What to share; null: decided as rule 18 says.
    @NullWhenAbsent public var folder: FolderSelector?
    public var role: Role
    public var timeoutSeconds: Double

    public init(
        device: String? = nil, folder: FolderSelector? = nil, role: Role = .readWrite, timeoutSeconds: Double = 120
    ) {
        self.device = device
        self.folder = folder
        self.role = role
        self.timeoutSeconds = timeoutSeconds
    }
}

/// How far a pairing is, as this device knows.
public enum PairingState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Both devices show the code; this one has not answered.
    case comparing
    /// This device said yes; the other has not answered.
    case confirmed
    case paired
    /// One of the two said no.
    case refused
    case expired
    /// The connection broke.
    case failed
}

/// One pairing by comparison of codes.
public struct PairingSession: Hashable, Sendable, Codable {
    /// Names the session on this device.
    public var session: String
    /// Six digits, shown by both devices.
    public var code: String
    public var peer: PairingPeer
    public var expires: Timestamp
    public var state: PairingState

    public init(session: String, code: String, peer: PairingPeer, expires: Timestamp, state: PairingState) {
        self.session = session
        self.code = code
        self.peer = peer
        self.expires = expires
        self.state = state
    }
}

/// The other device. Until it is paired its name is only what it says of itself.
public struct PairingPeer: Hashable, Sendable, Codable {
    public var id: String
    public var name: String

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// One session.
public struct PairingSelector: Hashable, Sendable, Codable {
    public var session: String

    public init(session: String) { self.session = session }
}

/// This device's answer.
public struct PairingConfirmation: Hashable, Sendable, Codable {
    public var session: String
    /// The code that the *other* device shows, or the same code read here and compared by a person; null: no.
    @NullWhenAbsent public var code: String?

    public init(session: String, code: String?) {
        self.session = session
        self.code = code
    }
}
