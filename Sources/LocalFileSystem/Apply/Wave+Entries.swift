internal import CLinux
internal import SyncModel

extension Wave {
    func createDirectory(
        _ path: RelativePath, _ expected: Expectation, _ metadata: EntryMetadata
    ) throws(Stop) -> DiskState? {
        let directory = try parent(of: path)
        let parent = directory.number
        let mode = metadata.mode ?? .directory
        let made = try attempt("create the directory", path) { () throws(Errno) in
            try applier.point(.createDirectory, path)
            let made = withName(path.name) { linux_mkdirat(parent, $0, UInt32(mode.bits)) }
            if made != -linux_EEXIST { try Errno.check(made) }
            return made
        }
        let found = try attempt("look at the directory", path) { () throws(Errno) in
            try EntryStat.of(path.name, in: parent)?.state
        }
        // A directory that already stands there is equal content, whoever made it.
        guard let found, found.kind == .directory else { throw Stop(.changed) }
        if case .entry(let expected) = expected, made < 0, !found.sameContent(as: expected) { throw Stop(.changed) }
        return try setMetadata(path, found, metadata)
    }

    func delete(_ path: RelativePath, _ expected: DiskState) throws(Stop) {
        let directory = try parent(of: path)
        let parent = directory.number
        if expected.kind == .directory { return try removeDirectory(path, in: parent, expected) }
        let held = try hold(path, in: parent, expected, leasing: true)
        defer { held.release() }
        let place = try prepareHistory(path)
        let taken = try take(path, in: parent, held, place)
        held.release()
        file(taken, as: path, in: place)
    }

    /// Only ever an empty directory, so that nothing can be lost with it.
    private func removeDirectory(_ path: RelativePath, in parent: Int32, _ expected: DiskState) throws(Stop) {
        _ = try hold(path, in: parent, expected, leasing: false)
        do throws(Errno) {
            try applier.point(.removeDirectory, path)
            try Errno.check(withName(path.name) { linux_unlinkat(parent, $0, linux_AT_REMOVEDIR) })
        } catch where error == linux_ENOTEMPTY || error == linux_EEXIST {
            throw Stop(.notEmpty)
        } catch where error == linux_ENOENT || error == linux_ENOTDIR {
            throw Stop(.changed)
        } catch where error == linux_EBUSY {
            throw Stop(.failed(.nestedMount, message: "cannot remove the directory '\(path)': it is in use as a mount"))
        } catch {
            throw Stop(error, "remove the directory", path)
        }
    }

    /// Renames, and makes sure that what arrived is what was meant; otherwise it goes back.
    func move(
        _ path: RelativePath, _ expected: DiskState, to target: RelativePath, _ metadata: EntryMetadata
    ) throws(Stop) -> DiskState? {
        let fromDirectory = try parent(of: path)
        let toDirectory = try parent(of: target)
        let (from, to) = (fromDirectory.number, toDirectory.number)
        let held = try hold(path, in: from, expected, leasing: false)
        do throws(Errno) {
            try applier.point(.move, path)
            try renameToFree(path.name, from: from, target.name, in: to, expected.kind)
        } catch where error == linux_EEXIST || error == linux_ENOENT || error == linux_ENOTEMPTY {
            throw Stop(.changed)
        } catch {
            throw Stop(error, "rename to '\(target)'", path)
        }
        let found = try? arrived(target, in: to, path)
        guard let found, held.isSame(found) else {
            // Only what is not ours to move goes back, and never over anything: otherwise it stays where it is seen.
            if (try? applier.point(.moveBack, path)) != nil {
                try? renameToFree(target.name, from: to, path.name, in: from, found?.kind ?? expected.kind)
            }
            throw Stop(.undone)
        }
        if metadata == EntryMetadata() { return found }
        return try setMetadata(target, found, metadata)
    }

    private func arrived(_ target: RelativePath, in parent: Int32, _ path: RelativePath) throws(Errno) -> DiskState? {
        try applier.point(.moved, path)
        return try EntryStat.of(target.name, in: parent)?.state
    }

    /// Sets metadata through a descriptor that was found to be the expected entry. Setting mtime would hide a
    /// concurrent write, so it is done under a lease; mode and attributes leave mtime alone and need none.
    func setMetadata(
        _ path: RelativePath, _ expected: DiskState, _ metadata: EntryMetadata
    ) throws(Stop) -> DiskState? {
        let directory = try parent(of: path)
        let held = try hold(path, in: directory.number, expected, leasing: metadata.modified != nil)
        defer { held.release() }
        return try attempt("set the metadata of", path) { () throws(Errno) in
            try applier.point(.setMetadata, path)
            let entry = held.entry.number
            if held.state.kind != .symlink {
                try setAttributes(metadata.attributes, on: entry, mode: held.state.mode)
                let isOther = metadata.mode.map { $0.bits != held.state.mode & 0o777 } ?? false
                if let mode = metadata.mode, isOther {
                    try Errno.check(linux_chmod_path(entry, UInt32(mode.bits)))
                }
            }
            let before = try held.entry.stat().state
            let isSame = before.size == held.state.size && before.modified == held.state.modified
            guard held.state.kind == .directory || isSame else { throw Errno(number: linux_ESTALE) }
            if let time = metadata.modified, time != before.modified {
                try Errno.check(linux_set_modified(entry, time.seconds, time.nanoseconds))
            }
            return try held.entry.stat().state
        }
    }

    /// Attributes need write permission on the file, which its owner may have taken from himself: lent for the moment.
    private func setAttributes(_ attributes: [ExtendedAttribute], on entry: Int32, mode: UInt16) throws(Errno) {
        if attributes.isEmpty { return }
        do throws(Errno) {
            for attribute in attributes { try AttributeSet.set(attribute.name, attribute.value.value, on: entry) }
        } catch where error == linux_EACCES && mode & 0o200 == 0 {
            try Errno.check(linux_chmod_path(entry, UInt32(mode & 0o777 | 0o200)))
            defer { _ = linux_chmod_path(entry, UInt32(mode & 0o777)) }
            for attribute in attributes { try AttributeSet.set(attribute.name, attribute.value.value, on: entry) }
        }
    }
}
