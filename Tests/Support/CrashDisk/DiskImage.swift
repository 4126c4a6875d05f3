internal import Glibc
public import LanHosts

/// What stands below some directories: their entries by inode, and what each inode holds.
public struct DiskImage {
    enum Kind { case directory, file, link }

    struct Inode {
        var kind: Kind
        /// Of a link, its target.
        var content: [UInt8] = []
        var mode: UInt32
        /// Nanoseconds, as the next two.
        var modified: Int64
        var changed: Int64
        var attributes: [String: [UInt8]] = [:]
    }

    let roots: [String]
    var rootInodes: [UInt64] = []
    var entries: [UInt64: [String: UInt64]] = [:]
    var inodes: [UInt64: Inode] = [:]

    /// Reads it. Sockets are left out.
    /// - Parameter times: what a replay told of ctime.
    public init(of roots: [String], times: ToldTimes = ToldTimes()) throws(LanError) {
        self.roots = roots
        for root in roots { rootInodes.append(try read(root, times)) }
    }

    private mutating func read(_ path: String, _ times: ToldTimes) throws(LanError) -> UInt64 {
        var found = stat()
        guard lstat(path, &found) == 0 else { throw LanError(path, errno) }
        let number = UInt64(found.st_ino)
        if inodes[number] != nil { return number }
        var inode = Inode(
            kind: .file, mode: UInt32(found.st_mode) & 0o7777, modified: found.st_mtim.nanoseconds,
            changed: times.told(number, found.st_ctim.nanoseconds))
        switch found.st_mode & S_IFMT {
        case S_IFDIR:
            inode.kind = .directory
            inodes[number] = inode
            var found: [String: UInt64] = [:]
            for name in try Self.names(in: path) {
                let kind = try Self.kind(of: "\(path)/\(name)")
                if kind == S_IFSOCK { continue }
                found[name] = try read("\(path)/\(name)", times)
            }
            entries[number] = found
        case S_IFLNK:
            inode.kind = .link
            inode.content = try Self.target(of: path)
        default:
            inode.content = try Self.content(of: path)
        }
        if inode.kind != .link { inode.attributes = Self.attributes(of: path) }
        inodes[number] = inode
        return number
    }

    /// What is not as in `other`, times and the index's shared memory left aside: no line if nothing.
    public func differences(from other: DiskImage) -> [String] {
        var lines: [String] = []
        for (root, path) in zip(rootInodes, roots) { compare(root, other, path, &lines) }
        return lines
    }

    private func compare(_ number: UInt64, _ other: DiskImage, _ path: String, _ lines: inout [String]) {
        guard let mine = inodes[number], let theirs = other.inodes[number] else {
            return lines.append("\(path): no such inode")
        }
        if mine.kind != theirs.kind || mine.mode != theirs.mode || mine.attributes != theirs.attributes {
            lines.append("\(path): kind, mode or attributes \(mine.mode) \(theirs.mode)")
        }
        if mine.content != theirs.content, !path.hasSuffix("-shm") {
            lines.append("\(path): content, \(mine.content.count) and \(theirs.content.count) bytes")
        }
        if mine.kind == .file, mine.modified != theirs.modified, !path.hasSuffix("-shm") {
            lines.append("\(path): modified \(mine.modified) and \(theirs.modified)")
        }
        let (here, there) = (entries[number] ?? [:], other.entries[number] ?? [:])
        for name in Set(here.keys).union(there.keys).sorted() {
            guard let entry = here[name], here[name] == there[name] else {
                lines.append("\(path)/\(name): \(here[name] ?? 0) and \(there[name] ?? 0)")
                continue
            }
            compare(entry, other, "\(path)/\(name)", &lines)
        }
    }

    /// The contents of all files below the first root, by path; nil for what is no file.
    public func tree(at path: String) -> [String: [UInt8]?] {
        guard let index = roots.firstIndex(of: path) else { return [:] }
        var found: [String: [UInt8]?] = [:]
        func walk(_ directory: UInt64, _ prefix: String) {
            for (name, number) in entries[directory] ?? [:] {
                guard let inode = inodes[number] else { continue }
                found[prefix + name] = .some(inode.kind == .file ? inode.content : nil)
                if inode.kind == .directory { walk(number, prefix + name + "/") }
            }
        }
        walk(rootInodes[index], "")
        return found
    }
}

extension timespec {
    var nanoseconds: Int64 { Int64(tv_sec) * 1_000_000_000 + Int64(tv_nsec) }

    init(nanoseconds: Int64) {
        self.init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}

extension LanError {
    init(_ what: String, _ number: Int32) { self.init("\(what): \(String(cString: strerror(number)))") }
}
