/// Which contents are asked for first: lower first.
public enum FetchPriority: UInt8, Hashable, Comparable, Sendable, CaseIterable {
    /// A small change that a person waits for.
    case urgent = 1
    case normal = 2
    case bulk = 3

    public static func < (left: FetchPriority, right: FetchPriority) -> Bool { left.rawValue < right.rawValue }
}

/// Why a source did not give what it was asked for.
public enum FetchMiss: String, Hashable, Sendable, CaseIterable {
    /// It never had it, or no longer.
    case notFound
    /// Its file has changed since.
    case changed
    /// Not now.
    case busy
    /// It may not give it to us, or can't read it.
    case refused
    /// What it gave was something else.
    case wrongBytes
    /// Its connection ended.
    case disconnected
    /// There is no source at all.
    case none
}
