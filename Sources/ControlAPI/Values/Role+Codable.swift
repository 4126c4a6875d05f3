import SyncModel

/// A role is its name in JSON.
extension Role: Codable {}
