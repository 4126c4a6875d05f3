/// What tests read of `status --json`.
public struct AgentStatus: Decodable {
    public struct Device: Decodable {
        public var id: String
        public var name: String
    }

    public struct Member: Decodable {
        public var id: String
        public var connected: Bool
        public var needFiles: Int
    }

    public struct Problem: Decodable {
        public var path: String?
        public var message: String
    }

    public struct Folder: Decodable {
        public var id: String
        public var state: String
        public var rootDigest: String?
        public var files: Int
        public var needFiles: Int
        public var needBytes: Int
        public var heldDeletions: Int
        public var rememberedDeletions: Int
        public var rememberedFor: [String]
        public var localChanges: Int
        public var members: [Member]
        public var problems: [Problem]
    }

    public var device: Device
    public var folders: [Folder]
}

/// What tests read of `conflicts list --json`.
public struct ConflictLine: Decodable, Hashable {
    public var path: String
    public var conflictOf: String?
}
