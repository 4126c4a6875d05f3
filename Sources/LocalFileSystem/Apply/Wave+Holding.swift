internal import CLinux
internal import SyncModel

/// What stands at a path, open, found to be what was expected, and held by a lease where there are leases (rule 10).
final class Hold {
    let entry: Descriptor
    /// Its stat, taken while the lease was held.
    let state: DiskState
    let hasLease: Bool

    init(_ entry: Descriptor, _ state: DiskState, hasLease: Bool) {
        (self.entry, self.state, self.hasLease) = (entry, state, hasLease)
    }

    /// Whether a writer has come to the door since: it waits there until the lease is given up.
    var isBroken: Bool { hasLease && linux_lease_broken(entry.number) != 0 }

    /// Whether `found`, seen elsewhere after a rename, is this entry with this content. A rename sets ctime on most
    /// file systems, so it is left out; the lease, and mtime and size without one, stand for it.
    func isSame(_ found: DiskState) -> Bool {
        guard found.kind == state.kind, found.device == state.device, found.inode == state.inode else { return false }
        if found.kind == .directory { return true }
        return found.size == state.size && found.modified == state.modified && found.mode == state.mode
    }

    func release() { if hasLease { _ = linux_lease_release(entry.number) } }
}

extension Wave {
    /// Opens what stands at the path, takes the lease, and only then compares with what is expected: with the lease
    /// held and ctime equal, the content is the expected one and stays so.
    func hold(
        _ path: RelativePath, in parent: Int32, _ expected: DiskState, leasing: Bool
    ) throws(Stop) -> Hold {
        guard let found = try attempt("look at", path, { () throws(Errno) in
            try EntryStat.of(path.name, in: parent)?.state
        }), found.sameContent(as: expected) else { throw Stop(.changed) }
        let wantsLease = leasing && expected.kind == .file
        let (entry, canLease) = try open(path, in: parent, readable: wantsLease && applier.features.leases)
        var hasLease = false
        if canLease {
            let taken = try attempt("take a lease on", path) { () throws(Errno) in
                try applier.point(.lease, path)
                return linux_lease_take(entry.number)
            }
            if taken == -linux_EAGAIN { throw Stop(.openForWriting) }
            hasLease = taken >= 0
        }
        if wantsLease, !hasLease { report.notes.append(.withoutLease(path)) }
        let state = try attempt("look at", path) { () throws(Errno) in try entry.stat().state }
        guard state.sameContent(as: expected) else { throw Stop(.changed) }
        return Hold(entry, state, hasLease: hasLease)
    }

    /// Opens for reading if that is allowed, and otherwise without any access: a file that its owner may not read can
    /// still be replaced.
    private func open(
        _ path: RelativePath, in parent: Int32, readable: Bool
    ) throws(Stop) -> (entry: Descriptor, isReadable: Bool) {
        let flags = linux_O_NOFOLLOW | linux_O_NONBLOCK
        if readable {
            let opened = withName(path.name) { linux_openat(parent, $0, linux_O_RDONLY | flags, 0) }
            if opened >= 0 { return (Descriptor(owning: opened), true) }
            if opened == -linux_ENOENT || opened == -linux_ELOOP { throw Stop(.changed) }
        }
        let opened = withName(path.name) { linux_openat(parent, $0, linux_O_PATH | linux_O_NOFOLLOW, 0) }
        if opened == -linux_ENOENT { throw Stop(.changed) }
        if opened < 0 { throw Stop(Errno(number: -opened), "open", path) }
        return (Descriptor(owning: opened), false)
    }

    /// The directory of the history for what is about to leave `path`.
    func prepareHistory(_ path: RelativePath) throws(Stop) -> History.Place {
        try attempt("make ready the history for", path) { () throws(Errno) in
            try applier.history.prepare(path, at: seconds)
        }
    }

    /// Moves what was taken from `path`, now in the stage, to history. If that fails it stays in the stage, is
    /// reported, and `recover` finds it.
    @discardableResult
    func file(_ name: [UInt8], as path: RelativePath, in place: History.Place) -> HistoryEntry? {
        do throws(Errno) {
            try applier.point(.file, path)
            let unique = applier.unique()
            let entry: HistoryEntry
            do throws(Errno) {
                entry = try applier.history.take(
                    name, from: stageDirectory, as: path, at: seconds, unique: unique, in: place)
            } catch where error == linux_ENOENT {
                // The directory was removed under us; make it anew, once.
                applier.history.forget()
                let again = try applier.history.prepare(path, at: seconds)
                entry = try applier.history.take(
                    name, from: stageDirectory, as: path, at: seconds, unique: unique, in: again)
            }
            report.filed.append(entry)
            _ = try? applier.point(.filed, path)
            return entry
        } catch {
            let failure = FileSystemError(error, "move to history what stood at", "'\(path)'")
            report.notes.append(.leftInStage(path, message: failure.message))
            return nil
        }
    }
}
