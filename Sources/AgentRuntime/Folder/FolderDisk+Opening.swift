internal import Glibc
internal import LocalFileSystem
internal import Logging
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel

extension FolderDisk {
    /// Makes the directory at an absolute path, and its parents.
    static func makeDirectory(_ path: [UInt8]) throws(FileSystemError) {
        var partial: [UInt8] = []
        for component in path.split(separator: UInt8(ascii: "/")) {
            partial += [UInt8(ascii: "/")] + component
            let made = (partial + [0]).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { mkdir($0, 0o755) } ?? 0
            }
            guard made != 0, errno != EEXIST else { continue }
            let shown = String(decoding: path, as: UTF8.self)
            throw FileSystemError(
                .permissionDenied, "the directory '\(shown)' can't be made: \(String(cString: strerror(errno)))",
                cause: errno)
        }
    }

    /// Removes the index where the directory is about to get the folder's marker: what it tells of is elsewhere, in a
    /// directory that was this folder before, or whose disk is not mounted, and would count as deleted here. Durably,
    /// because nothing tells that once the marker is there.
    static func forgetElsewhere(_ setup: FolderRunner.Setup) throws(FileSystemError) {
        guard setup.creating || setup.replaces != nil else { return }
        let marker = try OpenFolder.marker(at: setup.path)
        let isBecoming = marker.map { $0.folder == setup.replaces } ?? setup.creating
        if isBecoming { IndexFiles.remove(setup.indexPath) }
    }

    /// Opens the index, or begins a new one: one that is missing, damaged, was put back to an older copy of itself
    /// (decision 33), or is of a membership that ended (decision 34), is rebuilt from the disk and the peers (rule 8).
    static func openIndex(
        _ setup: FolderRunner.Setup, _ mark: IndexMarkFile, _ start: MachineStart, _ logger: Logger
    ) throws -> (FolderIndex, [Problem]) {
        let (known, problems) = try knownIndex(setup, mark, logger)
        if let known { return (known, problems) }
        // A directory that was a folder before has lost its index.
        let isFirst = (setup.creating || setup.replaces != nil) && problems.isEmpty
        return (try create(setup, mark, start, rebuilding: !isFirst), problems)
    }

    /// The index that is there, if it is of use; one that is not is set aside.
    private static func knownIndex(
        _ setup: FolderRunner.Setup, _ mark: IndexMarkFile, _ logger: Logger
    ) throws(IndexError) -> (FolderIndex?, [Problem]) {
        let index: FolderIndex
        do throws(IndexError) {
            index = try FolderIndex.open(path: setup.indexPath, folder: setup.folder, device: setup.device)
        } catch where error.code == .corrupt {
            logger.error("the index is damaged", metadata: ["error": "\(error)"])
            return (nil, [setAside(setup, "damaged", "was damaged", logger)])
        } catch where error.code == .unfinished {
            IndexFiles.removeDatabase(setup.indexPath)
            return (nil, [])
        } catch where error.code == .missing {
            return (nil, [])
        }
        try index.adopt(incarnation: setup.incarnation)
        if let incarnation = index.incarnation, incarnation < setup.incarnation {
            try index.close()
            logger.notice("this device is a member again: the folder's index is made anew")
            IndexFiles.remove(setup.indexPath)
            return (nil, [])
        }
        if isOld(index, mark, logger) {
            try index.close()
            return (nil, [setAside(setup, "old", "was put back to an older copy of itself", logger)])
        }
        return (index, [])
    }

    private static func isOld(_ index: FolderIndex, _ mark: IndexMarkFile, _ logger: Logger) -> Bool {
        do { return try mark.read()?.isAhead(of: index.status) ?? false } catch {
            logger.warning("whether the index is an older copy is not known", metadata: ["error": "\(error)"])
            return false
        }
    }

    private static func setAside(
        _ setup: FolderRunner.Setup, _ name: String, _ why: String, _ logger: Logger
    ) -> Problem {
        let aside = IndexFiles.setAside(setup.indexPath, as: name)
        logger.error("the index \(why) and is set aside", metadata: ["aside": "\(aside)"])
        let message = "The index \(why). It is rebuilt from the disk and from other devices; it is kept at \(aside)."
        return Problem(path: nil, kind: .other, message: message)
    }

    /// The folder hears of the new one first.
    private static func create(
        _ setup: FolderRunner.Setup, _ mark: IndexMarkFile, _ start: MachineStart, rebuilding: Bool
    ) throws -> FolderIndex {
        let epoch = IndexEpoch(UInt64.random(in: 1...UInt64.max))
        try mark.begin(IndexMark(device: setup.device, epoch: epoch))
        return try FolderIndex.create(
            path: setup.indexPath, folder: setup.folder, device: setup.device, newEpoch: epoch, boot: start.id,
            incarnation: setup.incarnation, rebuilding: rebuilding)
    }
}
