import Glibc
public import LanHosts

/// What a user does to files.
public enum Files {
    public static func make(_ directory: String) throws(LanError) {
        var partial = ""
        for component in directory.split(separator: "/") {
            partial += "/" + component
            if mkdir(partial, 0o755) != 0, errno != EEXIST { throw failure(partial) }
        }
    }

    /// Written in place: an existing file keeps its inode.
    public static func write(_ path: String, _ bytes: [UInt8]) throws(LanError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        try append(file, bytes, path)
    }

    public static func write(_ path: String, _ text: String) throws(LanError) { try write(path, Array(text.utf8)) }

    public static func append(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(LanError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure(path) }
            written += count
        }
    }

    public static func move(_ from: String, _ to: String) throws(LanError) {
        guard rename(from, to) == 0 else { throw failure("\(from) to \(to)") }
    }

    /// Makes a symbolic link.
    public static func link(_ path: String, to target: String) throws(LanError) {
        guard symlink(target, path) == 0 else { throw failure(path) }
    }

    public static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Sets the modification time of a file.
    public static func touch(_ path: String, seconds: Int, nanoseconds: Int) throws(LanError) {
        let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        guard utimensat(AT_FDCWD, path, [time, time], 0) == 0 else { throw failure(path) }
    }

    /// A file, a link, or a directory with everything in it.
    public static func remove(_ path: String) throws(LanError) {
        if unlink(path) == 0 { return }
        guard errno == EISDIR else { throw failure(path) }
        for name in names(path) { try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 else { throw failure(path) }
    }

    public static func text(_ path: String) -> String? {
        content(path).map { String(decoding: $0, as: UTF8.self) }
    }

    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    public static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt32(status.st_mode) & 0o7777 : nil
    }

    public static func setMode(_ path: String, _ mode: UInt32) throws(LanError) {
        guard chmod(path, mode) == 0 else { throw failure(path) }
    }

    /// The names in a directory, in no order.
    public static func names(_ directory: String) -> [String] { entries(directory).map(\.name) }

    static func entries(_ directory: String) -> [(name: String, kind: Int)] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var entries: [(name: String, kind: Int)] = []
        while let found = readdir(handle) {
            let name = withUnsafeBytes(of: &found.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { entries.append((name, Int(found.pointee.d_type))) }
        }
        return entries
    }

    /// The hashes of all files' contents below a directory, as `Tree.hash` has them.
    public static func contents(below directory: String) -> Set<Int> {
        var found: Set<Int> = []
        for (name, kind) in entries(directory) {
            let path = "\(directory)/\(name)"
            if kind == DT_DIR {
                found.formUnion(contents(below: path))
            } else if let bytes = content(path) {
                found.insert(Tree.hash(bytes))
            }
        }
        return found
    }

    public static func content(_ path: String) -> [UInt8]? { bytes(path.utf8CString.map { $0 }) }

    static func bytes(_ path: [CChar]) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: max(4_096, min(Int(status.st_size) + 1, 1 << 20)))
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += buffer[..<count]
        }
    }

    private static func failure(_ what: String) -> LanError { LanError("\(what): \(String(cString: strerror(errno)))") }
}
