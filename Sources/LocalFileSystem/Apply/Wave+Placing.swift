internal import CLinux
internal import SyncModel

extension Wave {
    /// Shows what was made under a name that is free.
    func place(_ made: Made, at path: RelativePath) throws(Stop) -> DiskState? {
        do throws(Stop) {
            let parent = try parent(of: path)
            let number = parent.number
            try show(made, path, in: number)
            // Who took it away has seen it: that is his deletion, which the next look finds.
            return try settled(made, path, in: number) ?? made.state
        } catch {
            // After a success the name in the stage is gone, and this does nothing.
            drop(made)
            throw error
        }
    }

    private func show(_ made: Made, _ path: RelativePath, in parent: Int32) throws(Stop) {
        do throws(Errno) {
            try applier.point(.place, path)
            if let name = made.name {
                try renameToFree(name, from: stageDirectory, path.name, in: parent, made.state.kind)
            } else if let file = made.file {
                try Errno.check(withName(path.name) { linux_linkfd(file.number, parent, $0) })
            }
        } catch where error == linux_EEXIST {
            throw Stop(.changed)
        } catch {
            throw Stop(error, "create", path)
        }
    }

    /// The same where something stood before. Who took it away may have meant that: an edit that he has not seen beats
    /// his deletion.
    func settledInPlace(_ made: Made, _ path: RelativePath, in parent: Int32) throws(Stop) -> DiskState {
        guard let state = try settled(made, path, in: parent) else { throw Stop(.undone) }
        return state
    }

    /// The stat of what was placed, nil if it is gone already. If someone else has been at it the path is to be looked
    /// at again.
    func settled(_ made: Made, _ path: RelativePath, in parent: Int32) throws(Stop) -> DiskState? {
        let found = try attempt("look at", path) { () throws(Errno) in
            try applier.point(.placed, path)
            return try EntryStat.of(path.name, in: parent)?.state
        }
        guard let found else { return nil }
        guard found.kind == made.state.kind, found.inode == made.state.inode, found.size == made.state.size,
            found.modified == made.state.modified
        else { throw Stop(.undone) }
        return found
    }

    /// Renames where nothing stands, by the best means that the file system has: EEXIST if something does.
    func renameToFree(
        _ name: some Collection<UInt8>, from: Int32, _ target: some Collection<UInt8>, in parent: Int32,
        _ kind: EntryKind
    ) throws(Errno) {
        try withoutReplacing(applier.features, name, from, target, parent, kind)
    }
}

/// renameat2 with NOREPLACE; where that is missing a hard link under the new name and the removal of the old one,
/// and for a directory a rename over an empty directory made for it, which fails when something has come into it.
func withoutReplacing(
    _ features: FileSystemFeatures, _ name: some Collection<UInt8>, _ from: Int32, _ target: some Collection<UInt8>,
    _ parent: Int32, _ kind: EntryKind
) throws(Errno) {
    let result = withName(name) { name in
        withName(target) { target -> Int32 in
            if features.refusesReplacing {
                return linux_renameat2(from, name, parent, target, linux_RENAME_NOREPLACE)
            }
            if kind == .directory {
                let made = linux_mkdirat(parent, target, 0o700)
                if made < 0 { return made }
                let renamed = linux_renameat2(from, name, parent, target, 0)
                // What was made for it goes again; whatever has come into it keeps it.
                if renamed < 0 { _ = linux_unlinkat(parent, target, linux_AT_REMOVEDIR) }
                return renamed
            }
            let linked = linux_linkat(from, name, parent, target)
            return linked < 0 ? linked : linux_unlinkat(from, name, 0)
        }
    }
    try Errno.check(result)
}
