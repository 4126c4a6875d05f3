internal import CLinux
internal import SyncModel

extension Wave {
    /// Exchanges what stands at the path with what was made, and looks at what came out.
    func replace(_ path: RelativePath, _ expected: DiskState, _ made: Made) throws(Stop) -> DiskState? {
        guard let name = made.name else { throw Stop(.changed) }
        var isUsed = false
        defer { if !isUsed { drop(made) } }
        guard expected.kind == .file || expected.kind == .symlink else { throw Stop(.changed) }
        let directory = try parent(of: path)
        let parent = directory.number
        let held = try hold(path, in: parent, expected, leasing: true)
        defer { held.release() }
        let place = try prepareHistory(path)
        guard applier.features.exchanges else {
            isUsed = true
            return try replaceWithGap(path, in: parent, held, made, place)
        }
        do throws(Errno) {
            try applier.point(.exchange, path)
            try exchange(name, path, in: parent)
        } catch where error == linux_ENOENT {
            throw Stop(.changed)
        } catch {
            throw Stop(error, "replace", path)
        }
        isUsed = true
        let out = try? lookInStage(name, after: .exchanged, path)
        let isBroken = held.isBroken
        guard let out, held.isSame(out), !isBroken else {
            exchangeBack(name, path, in: parent, made, place)
            throw Stop(.undone)
        }
        held.release()
        file(name, as: path, in: place)
        return try settledInPlace(made, path, in: parent)
    }

    private func exchange(_ name: [UInt8], _ path: RelativePath, in parent: Int32) throws(Errno) {
        try Errno.check(
            withName(name) { name in
                withName(path.name) { linux_renameat2(stageDirectory, name, parent, $0, linux_RENAME_EXCHANGE) }
            })
    }

    func lookInStage(_ name: [UInt8], after point: ApplyPoint, _ path: RelativePath) throws(Errno) -> DiskState? {
        try applier.point(point, path)
        return try EntryStat.of(name, in: stageDirectory)?.state
    }

    /// Puts back what came out by an exchange that should not have been. If what comes out of that is not what was
    /// made, the user has written the path anew in between: his newest goes back, and the older one is kept in history.
    private func exchangeBack(
        _ name: [UInt8], _ path: RelativePath, in parent: Int32, _ made: Made, _ place: History.Place
    ) {
        for _ in 0..<8 {
            do throws(Errno) {
                try applier.point(.exchangeBack, path)
                try exchange(name, path, in: parent)
            } catch where error == linux_ENOENT {
                return putBack(name, path, in: parent, place)
            } catch {
                return keep(name, path, place)
            }
            guard let out = try? EntryStat.of(name, in: stageDirectory)?.state else { return }
            if out.inode == made.state.inode { return drop(made) }
            // `out` is newer than what now stands at the path.
            do throws(Errno) { try exchange(name, path, in: parent) } catch { return keep(name, path, place) }
            guard let older = try? EntryStat.of(name, in: stageDirectory)?.state else { return }
            if older.inode != made.state.inode { return keep(name, path, place) }
        }
        keep(name, path, place)
    }

    /// Renames what was taken back to its path; if the name was taken again, both are kept.
    func putBack(_ name: [UInt8], _ path: RelativePath, in parent: Int32, _ place: History.Place) {
        do throws(Errno) {
            try applier.point(.putBack, path)
            let kind = try EntryStat.of(name, in: stageDirectory)?.state.kind ?? .file
            try renameToFree(name, from: stageDirectory, path.name, in: parent, kind)
        } catch {
            keep(name, path, place)
        }
    }

    /// What can't go back goes to history, and that is reported.
    func keep(_ name: [UInt8], _ path: RelativePath, _ place: History.Place) {
        if let entry = file(name, as: path, in: place) { report.notes.append(.keptInHistory(entry)) }
    }

    /// Rule 11, for file systems without RENAME_EXCHANGE: out, checked, and only then in, never over anything. In
    /// the gap the path is free; after a crash there `recover` puts back what was taken.
    private func replaceWithGap(
        _ path: RelativePath, in parent: Int32, _ held: Hold, _ made: Made, _ place: History.Place
    ) throws(Stop) -> DiskState? {
        do throws(Stop) {
            let taken = try take(path, in: parent, held, place)
            do throws(Stop) {
                try showNamed(made, path, in: parent)
            } catch {
                if case .undone = error.outcome {
                    keep(taken, path, place)
                } else {
                    putBack(taken, path, in: parent, place)
                }
                throw error
            }
            held.release()
            file(taken, as: path, in: place)
        } catch {
            drop(made)
            throw error
        }
        return try settledInPlace(made, path, in: parent)
    }

    private func showNamed(_ made: Made, _ path: RelativePath, in parent: Int32) throws(Stop) {
        do throws(Errno) {
            try applier.point(.place, path)
            try renameToFree(made.name ?? [], from: stageDirectory, path.name, in: parent, made.state.kind)
        } catch where error == linux_EEXIST {
            throw Stop(.undone)
        } catch {
            throw Stop(error, "replace", path)
        }
    }

    /// Renames what stands at the path into the stage and makes sure that it is what was held; otherwise puts it back.
    /// Returns its name there.
    func take(
        _ path: RelativePath, in parent: Int32, _ held: Hold, _ place: History.Place
    ) throws(Stop) -> [UInt8] {
        let name = swapName(of: path, made: 0)
        do throws(Errno) {
            try applier.point(.take, path)
            try Errno.check(
                withName(path.name) { path in
                    withName(name) { linux_renameat2(parent, path, stageDirectory, $0, 0) }
                })
        } catch where error == linux_ENOENT {
            throw Stop(.changed)
        } catch {
            throw Stop(error, "take away", path)
        }
        let out = try? lookInStage(name, after: .taken, path)
        let isBroken = held.isBroken
        if let out, held.isSame(out), !isBroken { return name }
        putBack(name, path, in: parent, place)
        throw Stop(.undone)
    }
}
