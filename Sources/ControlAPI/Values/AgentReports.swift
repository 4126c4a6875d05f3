/// Which program answers: `version`.
public struct VersionReport: Hashable, Sendable, Codable {
    /// The program's version.
    public var version: String
    /// The versions of the wire protocol and of the local API.
    public var wireProtocol: Int
    public var controlAPI: Int

    public init(version: String, wireProtocol: Int, controlAPI: Int = ControlLimits.apiVersion) {
        self.version = version
        self.wireProtocol = wireProtocol
        self.controlAPI = controlAPI
    }
}

/// What is right and what is wrong on this machine: `doctor`.
public struct DoctorReport: Hashable, Sendable, Codable {
    public var checks: [DoctorCheck]

    public init(checks: [DoctorCheck]) { self.checks = checks }

    /// Whether nothing is wrong.
    public var ok: Bool { checks.allSatisfy(\.ok) }
}

/// One thing that was looked at.
public struct DoctorCheck: Hashable, Sendable, Codable {
    public var name: String
    public var ok: Bool
    /// What was found.
    public var message: String
    /// The command that mends it; null if nothing is to be mended.
    @NullWhenAbsent public var remedy: String?

    public init(name: String, ok: Bool, message: String, remedy: String? = nil) {
        self.name = name
        self.ok = ok
        self.message = message
        self.remedy = remedy
    }
}

/// `wait`: whom to wait for, and how long.
public struct WaitRequest: Hashable, Sendable, Codable {
    public var timeoutSeconds: Double
    /// Names or IDs of members that must be connected; empty: at least one, if a folder has any.
    public var devices: [String]

    public init(timeoutSeconds: Double = 60, devices: [String] = []) {
        self.timeoutSeconds = timeoutSeconds
        self.devices = devices
    }
}

/// Whether everything is equal, and if not, why.
public struct WaitReport: Hashable, Sendable, Codable {
    public var synced: Bool
    /// Empty if synced.
    public var reasons: [WaitReason]

    public init(synced: Bool, reasons: [WaitReason] = []) {
        self.synced = synced
        self.reasons = reasons
    }
}

/// One thing that stands in the way of `wait`.
public struct WaitReason: Hashable, Sendable, Codable {
    /// The folder's name; null when it concerns all.
    @NullWhenAbsent public var folder: String?
    /// The member's name; null when it concerns this device or none.
    @NullWhenAbsent public var device: String?
    public var message: String

    public init(folder: String?, device: String? = nil, message: String) {
        self.folder = folder
        self.device = device
        self.message = message
    }
}
