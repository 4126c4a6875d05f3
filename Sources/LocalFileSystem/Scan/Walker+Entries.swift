internal import CLinux
internal import SyncModel

extension Walker {
    /// Compares the entry in hand with what is known of it, and goes into it if it is a directory.
    func compare(_ found: EntryStat, with match: KnownEntry?, in directory: Descriptor) throws(Failure) {
        let state = found.state
        let isDirectory = state.kind == .directory
        let isSame = Walker.isSame(state, match)
        if isSame, !isDirectory, state.links <= 1, walk.rules.isEmpty, walk.root.holds(found) { return }
        guard let own = try? RelativePath(path) else { return }
        if walk.rules.matchInWalk(own, isDirectory: isDirectory)?.isIgnored == true {
            summary.entries -= 1
            return try passOver(below: own)
        }
        guard walk.root.holds(found) else {
            let message = "another file system is mounted at '\(own)'; share it as a folder of its own"
            try report(FileSystemError(.nestedMount, message), at: own)
            return try passOver(below: own)
        }
        if state.kind == .other {
            try report(EntryReader.unsupported(own), at: own)
            return try passOver(below: own)
        }
        if !isSame {
            try emit(.changed(own))
        } else if !isDirectory, state.links > 1 {
            try noteHardLinks(own, state.links)
        }
        if isDirectory { try enter(own, in: directory) } else { gone = own }
    }

    /// Everything of the stat that is ours to tell apart; ctime of a directory too, because it moves with its
    /// attributes.
    private static func isSame(_ found: DiskState, _ known: KnownEntry?) -> Bool {
        guard let known, !known.isRacy, let disk = known.disk else { return false }
        return found.sameContent(as: disk) && found.mode == disk.mode && found.changed == disk.changed
    }

    private func enter(_ own: RelativePath, in directory: Descriptor) throws(Failure) {
        guard summary.isComplete else { return }
        let failure: FileSystemError
        do throws(FileSystemError) {
            let opened = try open(own, in: directory)
            path.append(UInt8(ascii: "/"))
            return try list(opened, path: own)
        } catch {
            failure = error
        }
        // No directory any more, or gone: what is known below it is looked at by path.
        if [.notFound, .noParent].contains(failure.code) { return }
        try report(failure, at: own)
        try passOver(below: own)
    }

    private func open(_ own: RelativePath, in directory: Descriptor) throws(FileSystemError) -> Descriptor {
        do throws(Errno) {
            let flags = linux_O_RDONLY | linux_O_DIRECTORY | linux_O_NOFOLLOW | linux_O_NONBLOCK
            let number = withName(own.name) { linux_openat(directory.number, $0, flags, 0) }
            let opened = Descriptor(owning: try Errno.check(number))
            guard walk.root.holds(try opened.stat()) else { throw Errno(number: linux_EXDEV) }
            return opened
        } catch {
            throw FileSystemError(error, "list", walk.root.show(own))
        }
    }

    // MARK: What the index knows

    /// Takes what is known of the path in hand.
    func takeMatch() throws(Failure) -> KnownEntry? {
        guard let match = ahead, match.path.bytes == path else { return nil }
        ahead = try known()
        return match
    }

    /// Settles the known entries before the path in hand: none of them was listed.
    func settle() throws(Failure) {
        while let next = ahead, Walker.precedes(next.path.bytes, path), summary.isComplete { try settleAhead() }
    }

    /// The next known entry was not listed where it should be: found out by its path, because a listing may pass
    /// over an entry that is renamed while it runs.
    func settleAhead() throws(Failure) {
        guard let entry = ahead else { return }
        ahead = try known()
        // The directories above it may be no directories any more: the walk did not go through them.
        if walk.rules.ignores(entry.path, isDirectory: entry.kind == .directory) {
            return try passOver(below: entry.path)
        }
        if let gone, entry.path.isBelow(gone) {
            if entry.disk != nil { try emit(.gone(entry.path)) }
            return
        }
        let found: EntryStat?
        do throws(FileSystemError) {
            found = try walk.root.entry(at: entry.path)
            if found?.state.kind == .other { throw EntryReader.unsupported(entry.path) }
        } catch {
            try report(error, at: entry.path)
            return try passOver(below: entry.path)
        }
        if found?.state.kind != .directory { gone = entry.path }
        if let found {
            if !Walker.isSame(found.state, entry) { try emit(.changed(entry.path)) }
        } else if entry.disk != nil {
            try emit(.gone(entry.path))
        }
    }

    /// Passes over what is known below a directory, nil for the whole folder: it stays as it is.
    func passOver(below directory: RelativePath?) throws(Failure) {
        while let next = ahead, directory.map({ next.path.isBelow($0) }) ?? true { ahead = try known() }
    }

    /// The order of paths: component by component.
    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let slash = UInt8(ascii: "/")
        let shared = min(left.count, right.count)
        for index in 0..<shared where left[index] != right[index] {
            if left[index] == slash { return true }
            if right[index] == slash { return false }
            return left[index] < right[index]
        }
        return left.count < right.count
    }
}
