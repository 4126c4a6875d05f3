public import SyncModel

/// A device that is paired with this one.
public struct DeviceReport: Hashable, Sendable, Codable {
    /// The DeviceID in hexadecimal.
    public var id: String
    public var name: String
    public var connected: Bool
    /// Where it is connected, or was last; null if never.
    @NullWhenAbsent public var address: String?
    /// When a connection with it last began or ended; null if that is not known.
    @NullWhenAbsent public var lastSeen: Timestamp?
    /// The folders that it shares with this device.
    public var folders: [SharedFolder]

    public init(
        id: String, name: String, connected: Bool, address: String? = nil, lastSeen: Timestamp? = nil,
        folders: [SharedFolder] = []
    ) {
        self.id = id
        self.name = name
        self.connected = connected
        self.address = address
        self.lastSeen = lastSeen
        self.folders = folders
    }
}

/// A folder of another device, and what that device lacks of it.
public struct SharedFolder: Hashable, Sendable, Codable {
    public var name: String
    public var role: Role
    public var needFiles: UInt64
    public var needBytes: UInt64

    public init(name: String, role: Role, needFiles: UInt64 = 0, needBytes: UInt64 = 0) {
        self.name = name
        self.role = role
        self.needFiles = needFiles
        self.needBytes = needBytes
    }
}

/// One device, as a person names it.
public struct DeviceSelector: Hashable, Sendable, Codable {
    /// A name, an ID, or the beginning of an ID that fits only one.
    public var device: String

    public init(device: String) { self.device = device }
}

/// `devices rename`.
public struct DeviceRename: Hashable, Sendable, Codable {
    public var device: String
    public var name: String

    public init(device: String, name: String) {
        self.device = device
        self.name = name
    }
}
