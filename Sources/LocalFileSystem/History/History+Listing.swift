internal import CLinux
public import SyncModel

extension History {
    /// The entries of `path` itself, oldest first.
    public func entries(of path: RelativePath) throws(FileSystemError) -> [HistoryEntry] {
        var found: [HistoryEntry] = []
        let isLong = History.isLong(path.name)
        let way = isLong ? path.bytes : path.parent?.bytes ?? []
        for day in try days() {
            try list(day.name, way) { if $0.path == path { found.append($0) } }
        }
        // Of one second the ctime tells: the rename into history set it.
        return found.sorted { ($0.seconds, $0.state.changed) < ($1.seconds, $1.state.changed) }
    }

    /// Every entry, day by day, in no order within a day; memory does not grow with their number.
    public func forEach(_ body: (HistoryEntry) -> Void) throws(FileSystemError) {
        for day in try days() {
            var directories: [[UInt8]] = [[]]
            while let way = directories.popLast() { directories += try list(day.name, way, body) }
        }
    }

    /// Removes the days before the last `keptDays` ones, the day of `seconds` being the last; returns how many.
    public func prune(keptDays: Int = Limits.historyDays, at seconds: Int64) throws(FileSystemError) -> Int {
        let first = HistoryDay(seconds: seconds).number - Int64(keptDays)
        var removed = 0
        forget()
        for day in try days() where day.date.number < first {
            do throws(Errno) { try remove(day.name) } catch {
                throw FileSystemError(error, "remove from the history the day", "\(day.date)")
            }
            removed += 1
        }
        return removed
    }

    /// The days' directories in order; names that are none are passed over.
    private func days() throws(FileSystemError) -> [(name: [UInt8], date: HistoryDay)] {
        do throws(Errno) {
            let names = try DirectoryListing.names(of: folder.historyDirectory.number)
            let days = names.compactMap { name -> (name: [UInt8], date: HistoryDay)? in
                let date = name.prefix { $0 != UInt8(ascii: ".") }
                return HistoryDay(text: String(decoding: date, as: UTF8.self)).map { (name, $0) }
            }
            return days.sorted { ($0.date, $0.name.count) < ($1.date, $1.name.count) }
        } catch {
            throw FileSystemError(error, "list the history of", "'\(folder.root.path)'")
        }
    }

    /// Hands the entries of one directory to `body` and returns the ways of the directories in it.
    @discardableResult
    private func list(
        _ day: [UInt8], _ way: [UInt8], _ body: (HistoryEntry) -> Void
    ) throws(FileSystemError) -> [[UInt8]] {
        var below: [[UInt8]] = []
        do throws(Errno) {
            let directory = try open(day, way, making: false)
            for name in try DirectoryListing.names(of: directory.number) {
                guard let found = try EntryStat.of(name, in: directory.number) else { continue }
                let inner = way.isEmpty ? name : way + [UInt8(ascii: "/")] + name
                if found.state.kind == .directory {
                    below.append(inner)
                } else if let entry = History.entry(day, way, name, inner, found.state) {
                    body(entry)
                }
            }
        } catch where error == linux_ENOENT || error == linux_ENOTDIR {
            return []
        } catch {
            throw FileSystemError(error, "list the history of", "'\(folder.root.path)'")
        }
        return below
    }

    private static func entry(
        _ day: [UInt8], _ way: [UInt8], _ name: [UInt8], _ inner: [UInt8], _ state: DiskState
    ) -> HistoryEntry? {
        guard let (stem, suffix) = HistorySuffix.split(name[...]) else { return nil }
        let path = stem.isEmpty ? way : way.isEmpty ? Array(stem) : way + [UInt8(ascii: "/")] + Array(stem)
        guard let path = try? RelativePath(path) else { return nil }
        return HistoryEntry(directory: day, way: inner, path: path, seconds: suffix.seconds, state: state)
    }

    /// Removes a day's directory and all in it: the directories top down, then, empty, bottom up.
    private func remove(_ day: [UInt8]) throws(Errno) {
        var next: [[UInt8]] = [[]]
        var seen: [[UInt8]] = []
        while let way = next.popLast() {
            seen.append(way)
            let directory = try open(day, way, making: false)
            for name in try DirectoryListing.names(of: directory.number) {
                let result = withName(name) { linux_unlinkat(directory.number, $0, 0) }
                if result == -linux_EISDIR || result == -linux_EPERM {
                    next.append(way.isEmpty ? name : way + [UInt8(ascii: "/")] + name)
                } else if result != -linux_ENOENT {
                    try Errno.check(result)
                }
            }
        }
        for way in seen.reversed() {
            let parent: Descriptor
            let name: ArraySlice<UInt8>
            if way.isEmpty {
                (parent, name) = (folder.historyDirectory, day[...])
            } else {
                let slash = way.lastIndex(of: UInt8(ascii: "/"))
                parent = try open(day, slash.map { Array(way[..<$0]) } ?? [], making: false)
                name = slash.map { way[($0 + 1)...] } ?? way[...]
            }
            try Errno.check(withName(name) { linux_unlinkat(parent.number, $0, linux_AT_REMOVEDIR) })
        }
    }
}
