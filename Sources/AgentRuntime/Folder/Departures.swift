internal import SyncModel

/// What a look at the disk found gone. It is told when all else is, so that what moved is first found where it went:
/// one batch has both ends of a move, and nothing that moved counts as deleted.
struct Departures {
    private(set) var files: [RelativePath] = []
    /// The topmost ones: what was in them is gone, too, and is in the index.
    private(set) var directories: [RelativePath] = []

    private static let filesGreatest = 65_536

    /// False if there is no room: it is to be told at once.
    mutating func add(file: RelativePath) -> Bool {
        guard files.count < Self.filesGreatest else { return false }
        files.append(file)
        return true
    }

    mutating func add(directory: RelativePath) { directories.append(directory) }

    /// Whether it is in a directory that is gone, if paths are asked for in path order.
    func covers(_ path: RelativePath) -> Bool { directories.last.map(path.isBelow) ?? false }
}
