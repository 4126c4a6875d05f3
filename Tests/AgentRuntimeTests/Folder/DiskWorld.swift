import AgentProcesses
import Chunking
import Cryptography
import Glibc
import LocalFileSystem
import SQLiteIndex
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// What an observer told between a question and its end.
struct Look {
    /// The last one of each path.
    var found: [RelativePath: Observation] = [:]
    /// All, in the order in which they came.
    var order: [Observation] = []
    var chunks: [ContentChunks] = []
    var problems: [Problem] = []
    var notices: [WatchNotice] = []
    var isComplete: Bool?

    var absent: Set<RelativePath> { Set(found.values.filter { $0.found == .absent }.map(\.path)) }

    /// What was found standing.
    var contents: [RelativePath: Content] {
        found.compactMapValues { observation in
            let content = observation.content
            return content.isDeleted ? nil : content
        }
    }

    func place(of path: String) -> Int? { order.firstIndex { "\($0.path)" == path } }

    mutating func take(_ event: FolderEvent) {
        switch event {
        case .observed(let batch):
            for observation in batch.observations { found[observation.path] = observation }
            order += batch.observations
            chunks += batch.chunks
            problems += batch.problems
        case .watched(let new): notices += new
        case .scanEnded(_, let complete): isComplete = complete
        default: break
        }
    }
}

extension Observation {
    var content: Content {
        switch found {
        case .absent: .deleted(movedTo: movedTo)
        case .directory: .directory
        case .symlink(_, let target): .symlink(target: target)
        case .file(_, let content, _): .file(content)
        }
    }
}

/// A folder on the disk with its index and its observer, and a pen that puts what was observed into the index, as the
/// machine does.
final class DiskWorld: Sendable {
    let directory: TemporaryDirectory
    let disk: FolderDisk
    let observer: DiskObserver
    let told = Monitor<[FolderEvent]>([])
    private let last = Monitor<UInt64>(0)

    /// The start of the machine in which its index was made.
    static let start = MachineStart(id: "first", at: Timestamp(seconds: 1, nanoseconds: 2))

    var path: String { directory.path + "/folder" }

    init(in directory: TemporaryDirectory? = nil) throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        disk = try FolderDisk(Self.setup(in: directory), logger: quiet)
        let told = told
        observer = try DiskObserver(folder: folderA, disk: disk, watcher: nil, logger: quiet) { event in
            told.announce { $0.append(event) }
        }
    }

    static func setup(
        in directory: TemporaryDirectory, creating: Bool = true, device: UInt8 = 1
    ) -> FolderRunner.Setup {
        FolderRunner.Setup(
            folder: folderA, device: DeviceID(SHA256.hash([device])), path: Array((directory.path + "/folder").utf8),
            indexPath: directory.path + "/index.db", creating: creating, start: Self.start)
    }

    func close() {
        observer.stop()
        disk.close()
    }

    func write(_ name: String, _ bytes: [UInt8]) throws { try directory.write("folder/" + name, bytes) }

    /// Waits until nothing that was changed before is too young to be trusted (rule 13).
    func rest() { usleep(UInt32(Limits.racyNanoseconds / 1_000) + 5_000) }

    // MARK: Looking

    func scan(_ subtree: String? = nil) throws -> Look {
        let wanted = try subtree.map { try RelativePath($0) }
        return try look({ observer.scan(wanted) }) { if case .scanEnded = $0 { true } else { false } }
    }

    func read(_ paths: [RelativePath]) throws -> Look {
        try look({ observer.read(paths.map { AdaptiveDeferral.Due(path: $0, keepsChanging: false) }) }) {
            if case .readEnded = $0 { true } else { false }
        }
    }

    func read(_ names: String...) throws -> Look { try read(names.map { try RelativePath($0) }) }

    func look(_ begin: () -> Void, until end: (FolderEvent) -> Bool) throws -> Look {
        _ = take()
        begin()
        let deadline = patience()
        var look = Look()
        while true {
            let isTold = told.wait(until: deadline) { $0.isEmpty ? nil : true }
            try #require(isTold == true)
            let events = take()
            for event in events { look.take(event) }
            if events.contains(where: end) { return look }
        }
    }

    /// What was told since the last time; the observer may go on.
    private func take() -> [FolderEvent] {
        let events = told.withLock { events in
            defer { events = [] }
            return events
        }
        for case .observed(let batch) in events where batch.isPaced { observer.tookObservations() }
        return events
    }

    // MARK: The index

    func learn(_ look: Look) throws {
        var transaction = IndexTransaction()
        transaction.chunkLists = look.chunks
        for (path, observation) in look.found.sorted(by: { $0.key < $1.key }) {
            if observation.found == .absent, try disk.reader.row(path) == nil { continue }
            transaction.rows.append(row(path, observation.content, observation.found.disk))
        }
        try disk.index.commit(transaction)
    }

    func row(_ path: RelativePath, _ content: Content, _ state: DiskState?) -> IndexRow {
        let number = number()
        let status = disk.index.status
        let origin = Origin(author: Author(device: status.device, epoch: status.epoch), counter: number)
        let record = FileRecord(
            path: path, content: content, version: VersionVector(origin), origin: origin, edits: 1)
        return IndexRow(record: record, sequence: number, disk: state, source: nil)
    }

    func need(_ path: String, _ content: Content, _ state: NeedState) throws -> Need {
        let source = DeviceID(SHA256.hash([2]))
        let origin = Origin(author: Author(device: source, epoch: IndexEpoch(9)), counter: number())
        let target = FileRecord(
            path: try RelativePath(path), content: content, version: VersionVector(origin), origin: origin, edits: 1)
        return Need(
            target: target, sources: [NeedSource(device: source, sequence: origin.counter, match: .record)],
            state: state)
    }

    /// What the index has of what stands in the folder.
    func known() throws -> [RelativePath: Content] {
        let paths = try disk.reader.entries(limit: Limits.queryRows).map(\.path)
        let rows = try disk.reader.load(paths).compactMap(\.row)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.record.path, $0.record.content) })
    }

    private func number() -> UInt64 {
        last.withLock { last in
            last += 1
            return last
        }
    }

    // MARK: The disk

    /// What stands in the folder, found without the product.
    func standing() throws -> [RelativePath: Content] { try Self.standing(in: Array(path.utf8), below: []) }

    private static func standing(in directory: [UInt8], below way: [UInt8]) throws -> [RelativePath: Content] {
        var found: [RelativePath: Content] = [:]
        for name in names(directory) where !(way.isEmpty && name == RelativePath.reservedName) {
            let full = directory + [UInt8(ascii: "/")] + name
            let inner = way.isEmpty ? name : way + [UInt8(ascii: "/")] + name
            var status = stat()
            try #require(lstat(full.cString, &status) == 0)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                found[try RelativePath(inner)] = .directory
                found.merge(try standing(in: full, below: inner)) { $1 }
            case S_IFLNK:
                var target = [CChar](repeating: 0, count: 4_096)
                let count = readlink(full.cString, &target, target.count)
                found[try RelativePath(inner)] = .symlink(target: target[..<count].map { UInt8(bitPattern: $0) })
            case S_IFREG:
                found[try RelativePath(inner)] = .file(ChunkListBuilder.list(of: try content(full)).content)
            default: break
            }
        }
        return found
    }

    private static func names(_ directory: [UInt8]) -> [[UInt8]] {
        guard let handle = opendir(directory.cString) else { return [] }
        defer { closedir(handle) }
        var names: [[UInt8]] = []
        while let entry = readdir(handle) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map { $0 } })
        }
        return names.filter { $0 != [0x2e] && $0 != [0x2e, 0x2e] }
    }

    private static func content(_ path: [UInt8]) throws -> [UInt8] {
        let file = open(path.cString, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { Glibc.close(file) }
        var status = stat()
        fstat(file, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        try #require(Glibc.read(file, &bytes, bytes.count) == bytes.count)
        return bytes
    }
}
