internal import Glibc
public import LanHosts

extension DiskImage {
    /// Makes of what stands below the roots what this image has, with the inodes that it has: what stands there is
    /// taken apart first, and what lost its last name is in `graves`, by inode. A directory that was removed comes back
    /// with another inode. Nobody may be at work there.
    /// - Returns: what is to be told of ctime.
    public func restore(workingIn scratch: String, graves: String) throws(LanError) -> ToldTimes {
        guard mkdir(scratch, 0o700) == 0 else { throw LanError(scratch, errno) }
        var times: [UInt64: timespec] = [:]
        for root in roots { try takeApart(root, into: scratch, &times) }
        var told = ToldTimes()
        for (root, number) in zip(roots, rootInodes) {
            try fill(root, number, from: scratch, graves, times, &told)
            try settle(root, number, times, &told)
        }
        try Self.removeAll(scratch)
        try Self.removeAll(graves)
        guard mkdir(graves, 0o700) == 0 else { throw LanError(graves, errno) }
        return told
    }

    private func takeApart(
        _ directory: String, into scratch: String, _ times: inout [UInt64: timespec]
    ) throws(LanError) {
        for name in try Self.names(in: directory) {
            let path = "\(directory)/\(name)"
            var found = stat()
            guard lstat(path, &found) == 0 else { throw LanError(path, errno) }
            if found.st_mode & S_IFMT == S_IFDIR {
                times[UInt64(found.st_ino)] = found.st_mtim
                try takeApart(path, into: scratch, &times)
            }
            let place = "\(scratch)/\(found.st_ino)"
            // The second name of a file.
            if found.st_mode & S_IFMT != S_IFDIR, access(place, F_OK) == 0 {
                try Self.check(unlink(path), path)
            } else {
                try Self.check(rename(path, place), path)
            }
        }
    }

    private func fill(
        _ directory: String, _ number: UInt64, from scratch: String, _ graves: String, _ times: [UInt64: timespec],
        _ told: inout ToldTimes
    ) throws(LanError) {
        for (name, entry) in entries[number] ?? [:] {
            guard let inode = inodes[entry] else { continue }
            let path = "\(directory)/\(name)"
            let isBack = rename("\(scratch)/\(entry)", path) == 0 || rename("\(graves)/\(entry)", path) == 0
            if inode.kind == .directory {
                if !isBack { try Self.check(mkdir(path, 0o700), path) }
                try fill(path, entry, from: scratch, graves, times, &told)
            } else {
                try Self.make(inode, at: path, isThere: isBack)
            }
            try settle(path, entry, times, &told)
        }
    }

    private static func make(_ inode: Inode, at path: String, isThere: Bool) throws(LanError) {
        if inode.kind == .link {
            if isThere, try target(of: path) == inode.content { return }
            if isThere { try check(unlink(path), path) }
            try check(symlink(String(decoding: inode.content, as: UTF8.self), path), path)
            return
        }
        if isThere, try content(of: path) == inode.content { return }
        try write(inode.content, to: path)
    }

    /// Mode, attributes and time, and ctime as it will be told.
    private func settle(
        _ path: String, _ number: UInt64, _ times: [UInt64: timespec], _ told: inout ToldTimes
    ) throws(LanError) {
        guard let inode = inodes[number] else { return }
        if inode.kind != .link {
            try Self.check(chmod(path, inode.mode), path)
            try Self.setAttributes(of: path, to: inode.attributes)
        }
        let known = inode.kind == .directory ? times[number] : nil
        let time = known ?? timespec(nanoseconds: inode.modified)
        try Self.check(utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW), path)
        var found = stat()
        guard lstat(path, &found) == 0 else { throw LanError(path, errno) }
        told.note(UInt64(found.st_ino), real: found.st_ctim.nanoseconds, told: inode.changed)
    }

    private static func check(_ answer: Int32, _ path: String) throws(LanError) {
        if answer != 0 { throw LanError("replay at \(path)", errno) }
    }

    /// The inode stays, if there is one.
    static func write(_ bytes: [UInt8], to path: String) throws(LanError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw LanError(path, errno) }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw LanError(path, errno) }
            written += count
        }
    }

    private static func removeAll(_ directory: String) throws(LanError) {
        for name in try names(in: directory) {
            let path = "\(directory)/\(name)"
            if try kind(of: path) == S_IFDIR { try removeAll(path) } else { try check(unlink(path), path) }
        }
        try check(rmdir(directory), directory)
    }
}
