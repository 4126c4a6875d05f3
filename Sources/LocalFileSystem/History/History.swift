internal import CLinux
internal import Synchronization
internal import SyncModel

/// What was replaced or deleted in a folder, kept in `.lanyard/history` (rule 2): taken in by rename, without a copy,
/// and removed by age alone, never to make room.
public final class History: Sendable {
    let folder: OpenFolder
    /// The directory that was last filed into: consecutive entries mostly come from one.
    private let last = Mutex<Place?>(nil)
    /// Day directories of one day: a file and a directory of one name can't stand in the same.
    private static let variants = 8

    public init(of folder: OpenFolder) { self.folder = folder }

    /// An open directory of the history that takes what stood at a path.
    struct Place: Sendable {
        let directory: Descriptor
        let day: [UInt8]
        /// The directory's way below the day's; empty for the day's itself.
        let way: [UInt8]
        let date: HistoryDay
    }

    /// Makes the directory for what stands at `path`, before anything is moved: afterwards only a rename is left to
    /// fail.
    func prepare(_ path: RelativePath, at seconds: Int64) throws(Errno) -> Place {
        let date = HistoryDay(seconds: seconds)
        let way = History.directoryWay(of: path)
        if let known = last.withLock({ $0 }), known.date == date, known.way == way { return known }
        for variant in 0..<History.variants {
            let day = Array((variant == 0 ? "\(date)" : "\(date).\(variant)").utf8)
            do throws(Errno) {
                let directory = try open(day, way, making: true)
                let place = Place(directory: directory, day: day, way: way, date: date)
                last.withLock { $0 = place }
                return place
            } catch where error == linux_ENOTDIR && variant + 1 < History.variants {
                continue
            }
        }
        throw Errno(number: linux_ENOTDIR)
    }

    /// Forgets the last directory, which may have been removed.
    func forget() { last.withLock { $0 = nil } }

    /// Moves the entry `name` of the directory `from` in.
    func take(
        _ name: [UInt8], from: Int32, as path: RelativePath, at seconds: Int64, unique: UInt64, in place: Place
    ) throws(Errno) -> HistoryEntry {
        let suffix = HistorySuffix(seconds: seconds, unique: unique).bytes
        let filed = (History.isLong(path.name) ? [] : Array(path.name)) + suffix
        try Errno.check(withName(name) { name in
            withName(filed) { linux_renameat2(from, name, place.directory.number, $0, 0) }
        })
        guard let found = try EntryStat.of(filed, in: place.directory.number) else { throw Errno(number: linux_ESTALE) }
        let way = place.way.isEmpty ? filed : place.way + [UInt8(ascii: "/")] + filed
        return HistoryEntry(directory: place.day, way: way, path: path, seconds: seconds, state: found.state)
    }

    /// The entries that are no longer what they were when their stat was taken: someone had the file open and went on
    /// writing. Entries that are gone are passed over.
    public func changed(among entries: [HistoryEntry]) throws(FileSystemError) -> [HistoryEntry] {
        var changed: [HistoryEntry] = []
        for entry in entries {
            guard let found = try state(of: entry), !found.sameContent(as: entry.state) else { continue }
            changed.append(
                HistoryEntry(
                    directory: entry.directory, way: entry.way, path: entry.path, seconds: entry.seconds, state: found))
        }
        return changed
    }

    func state(of entry: HistoryEntry) throws(FileSystemError) -> DiskState? {
        do throws(Errno) {
            let place = entry.place
            let directory = try open(entry.directory, Array(place.parent ?? []), making: false)
            return try EntryStat.of(place.name, in: directory.number)?.state
        } catch where error == linux_ENOENT {
            return nil
        } catch {
            throw FileSystemError(error, "look at the history of", "'\(entry.path)'")
        }
    }

    static func isLong(_ name: ArraySlice<UInt8>) -> Bool {
        name.count + HistorySuffix.bytesGreatest > Limits.nameBytes
    }

    private static func directoryWay(of path: RelativePath) -> [UInt8] {
        isLong(path.name) ? path.bytes : path.parent?.bytes ?? []
    }

    /// Opens a directory below a day's, component by component only when something has to be made.
    func open(_ day: [UInt8], _ way: [UInt8], making: Bool) throws(Errno) -> Descriptor {
        let root = folder.historyDirectory
        let whole = way.isEmpty ? day : day + [UInt8(ascii: "/")] + way
        if whole.count <= Limits.pathBytes {
            let opened = withName(whole) { name in
                linux_openat2(
                    root.number, name, linux_O_RDONLY | linux_O_DIRECTORY, 0,
                    linux_RESOLVE_BENEATH | linux_RESOLVE_NO_SYMLINKS)
            }
            if opened >= 0 { return Descriptor(owning: opened) }
            let known = [-linux_ENOENT, -linux_ENOSYS, -linux_ENAMETOOLONG].contains(opened)
            if !known || (opened == -linux_ENOENT && !making) { try Errno.check(opened) }
        }
        var current = root
        for name in whole.split(separator: UInt8(ascii: "/")) {
            if making {
                let made = withName(name) { linux_mkdirat(current.number, $0, 0o700) }
                if made != -linux_EEXIST { try Errno.check(made) }
            }
            let flags = linux_O_RDONLY | linux_O_DIRECTORY | linux_O_NOFOLLOW
            current = Descriptor(owning: try Errno.check(withName(name) { linux_openat(current.number, $0, flags, 0) }))
        }
        return current
    }
}
