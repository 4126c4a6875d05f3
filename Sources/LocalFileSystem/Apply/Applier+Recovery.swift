internal import CLinux
public import SyncModel

extension Applier {
    /// What a wave that was cut off by a crash had taken from a path.
    public struct Recovered: Hashable, Sendable {
        /// Nil if the path is not among those that were asked about.
        public let path: RelativePath?
        /// Its stat, ctime moved by the renames. Compare inode, size and mtime with the row: if they differ, it is a
        /// user's edit from the last instant before the crash, and due a conflict copy (`History.restore`).
        public let state: DiskState
        /// In history; nil when it went back to its path.
        public let entry: HistoryEntry?
    }

    /// Clears what a crash left in the stage: called once before the first wave, with the paths of all intents
    /// (rule 12). What was taken from a path goes back there if the path is free, and to history otherwise; what was
    /// made and never shown is removed.
    public func recover(intents: [RelativePath], at seconds: Int64) throws(FileSystemError) -> [Recovered] {
        var paths: [UInt64: RelativePath] = [:]
        for path in intents { paths[Applier.pathNumber(path)] = path }
        do throws(Errno) {
            var recovered: [Recovered] = []
            for name in try DirectoryListing.names(of: stage.directory) {
                if NewName.matches(name) {
                    _ = withName(name) { linux_unlinkat(stage.directory, $0, 0) }
                    continue
                }
                guard case .swap(let swap) = StageName(name), let found = try EntryStat.of(name, in: stage.directory)
                else { continue }
                if found.state.inode == swap.made {
                    try Errno.check(withName(name) { linux_unlinkat(stage.directory, $0, 0) })
                } else {
                    recovered.append(try recover(name, found.state, paths[swap.path], swap, at: seconds))
                }
            }
            return recovered
        } catch {
            throw FileSystemError(error, "recover what a crash left in the stage of", "'\(folder.root.path)'")
        }
    }

    private func recover(
        _ name: [UInt8], _ state: DiskState, _ path: RelativePath?, _ swap: SwapName, at seconds: Int64
    ) throws(Errno) -> Recovered {
        if let path, let parent = try? folder.root.parent(of: path) {
            do throws(Errno) {
                try withoutReplacing(features, name, stage.directory, path.name, parent.number, state.kind)
                return Recovered(path: path, state: state, entry: nil)
            } catch where error != linux_EEXIST && error != linux_ENOTEMPTY {
                throw error
            } catch {}
        }
        let filed = path ?? (try? RelativePath("recovered-\(String(swap.path, radix: 16))"))
        guard let filed else { throw Errno(number: linux_EINVAL) }
        let place = try history.prepare(filed, at: seconds)
        let entry = try history.take(
            name, from: stage.directory, as: filed, at: seconds, unique: unique(), in: place)
        return Recovered(path: path, state: state, entry: entry)
    }
}
