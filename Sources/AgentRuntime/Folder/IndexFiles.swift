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

    /// Removes the index and what was set aside of it, durably.
    static func remove(_ path: String) {
        removeDatabase(path)
        removeAside(path, kind: nil)
        let directory = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        Glibc.close(directory)
    }

    /// Removes the index.
    static func removeDatabase(_ path: String) {
        for suffix in suffixes { unlink(path + suffix) }
    }

    private static func directory(of path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/"
    }

    private static func removeAside(_ path: String, kind: String?) {
        guard let name = path.split(separator: "/").last, let directory = opendir(directory(of: path)) else { return }
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
