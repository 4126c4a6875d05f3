import Cryptography
import Glibc
import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// A new directory that goes with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/lanyard-index-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw IndexError(.inputOutput, "mkdtemp", cause: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["index", "device"] {
            for suffix in ["", "-wal", "-shm"] { unlink("\(path)/\(name).sqlite\(suffix)") }
        }
        rmdir(path)
    }

    var index: String { path + "/index.sqlite" }
    var device: String { path + "/device.sqlite" }
}

func hash(_ number: UInt64) -> Bytes32 { SHA256.hash((0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }) }
func device(_ number: UInt64) -> DeviceID { DeviceID(hash(number)) }
func path(_ text: String) throws -> RelativePath { try RelativePath(text) }

let folderA = FolderID(high: 1, low: 2)
let deviceA = device(1)
let epochA = IndexEpoch(0xfedc_ba98_7654_3210)

func makeIndex(_ directory: TemporaryDirectory) throws -> FolderIndex {
    try FolderIndex.create(path: directory.index, folder: folderA, device: deviceA, newEpoch: epochA)
}

func openIndex(_ directory: TemporaryDirectory) throws -> FolderIndex {
    try FolderIndex.open(path: directory.index, folder: folderA, device: deviceA)
}

/// All bytes of a file of at most 8 MiB.
func readFile(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
}

/// Makes a file, or writes it anew.
func writeFile(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "wb"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// An empty index of its own, and numbers that follow from the seed.
func withIndex(_ seed: UInt64, _ body: (FolderIndex, inout SeededGenerator) throws -> Void) throws {
    let directory = try TemporaryDirectory()
    let index = try makeIndex(directory)
    var random = SeededGenerator(seed: seed)
    try body(index, &random)
    try index.close()
}

/// A plain file of our own.
func fileRecord(_ path: RelativePath, counter: UInt64, size: UInt64 = 100, content: UInt64? = nil) -> FileRecord {
    let origin = Origin(author: Author(device: deviceA, epoch: epochA), counter: counter)
    let stamp = Stamp(counter: counter, device: deviceA)
    return FileRecord(
        path: path,
        content: .file(FileContent(size: size, hash: ContentHash(hash(content ?? counter)))),
        version: VersionVector(origin), origin: origin, edits: 1,
        modified: Stamped(Timestamp(seconds: 1_700_000_000 + Int64(counter), nanoseconds: 123_456_789), at: stamp),
        mode: Stamped(.file, at: stamp))
}

func tombstone(of record: FileRecord, counter: UInt64) -> FileRecord {
    let origin = Origin(author: Author(device: deviceA, epoch: epochA), counter: counter)
    return FileRecord(
        path: record.path, content: .deleted(movedTo: nil), version: record.version.inserting(origin), origin: origin,
        edits: record.edits + 1)
}

/// The stat that a scan would find for a record.
func stat(of record: FileRecord, inode: UInt64) -> DiskState {
    let modified = record.modified?.value ?? Timestamp(seconds: 1_700_000_000, nanoseconds: 5)
    return DiskState(
        kind: record.content.isDirectory ? .directory : .file, device: 0x801, inode: inode, size: record.content.size,
        modified: modified, changed: Timestamp(seconds: modified.seconds + 1, nanoseconds: 987_654_321),
        mode: record.mode?.value.bits ?? 0o644, links: 1)
}

extension IndexTransaction {
    init(rows: [IndexRow]) {
        self.init()
        self.rows = rows
    }

    init(needs: [Need]) {
        self.init()
        self.needs = needs
    }
}

/// Notes that a member has this log.
func follow(_ index: FolderIndex, _ device: DeviceID, _ epoch: IndexEpoch = epochA) throws -> Author {
    var transaction = IndexTransaction()
    transaction.peers = [PeerState(device: device, epoch: epoch)]
    try index.commit(transaction)
    return Author(device: device, epoch: epoch)
}
