internal import Glibc

/// The files of a folder's index: the database, and what SQLite keeps beside it.
enum IndexFiles {
    private static let suffixes = ["", "-wal", "-shm"]

    /// Gives an index that is of no more use another name. One of each kind is kept: the latest.
    /// - Parameter kind: what is wrong with it, in one word.
    /// - Returns: where it is then.
    static func setAside(_ path: String, as kind: String) -> String {
        removeAside(path, kind: kind)
        let aside = "\(path).\(kind)-\(time(nil))"
        for suffix in suffixes { rename(path + suffix, aside + suffix) }
        return aside
    }

    /// Removes the index and what was set aside of it.
    static func remove(_ path: String) {
        removeUnfinished(path)
        removeAside(path, kind: nil)
    }

    /// Removes what is left of an index whose making was interrupted.
    static func removeUnfinished(_ path: String) {
        for suffix in suffixes { unlink(path + suffix) }
    }

    private static func removeAside(_ path: String, kind: String?) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, let directory = opendir(parts.dropLast().joined(separator: "/") + "/") else {
            return
        }
        defer { closedir(directory) }
        let prefixes = (kind.map { [$0] } ?? ["damaged", "old"]).map { "\(name).\($0)-" }
        var found: [String] = []
        while let entry = readdir(directory) {
            let entryName = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if prefixes.contains(where: { entryName.hasPrefix($0) }) { found.append(entryName) }
        }
        for name in found { unlinkat(dirfd(directory), name, 0) }
    }
}
