import Glibc
public import LanHosts

/// What stands in a folder, without `.lanyard`: names, kinds, modes, times of files, link targets, contents.
public struct Tree: Equatable {
    public enum Kind: Equatable {
        case directory
        /// The modification time in nanoseconds and a hash that holds within this process.
        case file(size: Int, modified: Int, content: Int)
        case link(target: String)
        case other
    }

    public struct Entry: Equatable {
        public var kind: Kind
        public var mode: UInt32
    }

    /// By path below the folder; names that are no UTF-8 with their bytes in hexadecimal.
    public private(set) var entries: [String: Entry] = [:]

    public init(of folder: String) throws(LanError) { try read(folder, "") }

    public var files: [String] { paths { if case .file = $0 { true } else { false } } }
    public var directories: [String] { paths { $0 == .directory } }

    /// The hashes of all files' contents.
    public var contents: Set<Int> {
        Set(entries.values.compactMap { if case .file(_, _, let content) = $0.kind { content } else { nil } })
    }

    /// The hash of a content as `contents` has it.
    public static func hash(_ bytes: [UInt8]) -> Int {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// A line for each path that isn't the same in both.
    public func differences(from other: Tree) -> [String] {
        differingPaths(from: other).map { path in
            let (mine, theirs) = (entries[path], other.entries[path])
            return "\(path): \(mine.map { "\($0)" } ?? "missing") | \(theirs.map { "\($0)" } ?? "missing")"
        }
    }

    /// The paths that aren't the same in both, in order.
    public func differingPaths(from other: Tree) -> [String] {
        Set(entries.keys).union(other.entries.keys).filter { entries[$0] != other.entries[$0] }.sorted()
    }

    private func paths(_ condition: (Kind) -> Bool) -> [String] {
        entries.filter { condition($0.value.kind) }.map(\.key).sorted()
    }

    private mutating func read(_ directory: String, _ prefix: String) throws(LanError) {
        guard let handle = opendir(directory) else {
            if errno == ENOENT, !prefix.isEmpty { return }
            throw LanError("\(directory): \(String(cString: strerror(errno)))")
        }
        defer { closedir(handle) }
        while let found = readdir(handle) {
            let name = withUnsafeBytes(of: &found.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name == [46] || name == [46, 46] || (prefix.isEmpty && name == Array(".lanyard".utf8)) { continue }
            try take(directory, prefix, name)
        }
    }

    private mutating func take(_ directory: String, _ prefix: String, _ name: [UInt8]) throws(LanError) {
        var place = Array((directory + "/").utf8).map { CChar(bitPattern: $0) }
        place += name.map { CChar(bitPattern: $0) } + [0]
        let text = String(validating: name, as: UTF8.self) ?? "hex-" + name.map { String($0, radix: 16) }.joined()
        var status = stat()
        // What goes away while it is read was not there.
        guard lstat(place, &status) == 0 else { return }
        let path = prefix + text
        var entry = Entry(kind: .other, mode: UInt32(status.st_mode) & 0o7777)
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            entry.kind = .directory
            entries[path] = entry
            return try read(directory + "/" + text, path + "/")
        case S_IFREG:
            guard let bytes = Files.bytes(place) else { return }
            let modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
            entry.kind = .file(size: bytes.count, modified: modified, content: Tree.hash(bytes))
        case S_IFLNK:
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = readlink(place, &target, target.count)
            entry.kind = .link(
                target: String(decoding: target[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        default: break
        }
        entries[path] = entry
    }
}
