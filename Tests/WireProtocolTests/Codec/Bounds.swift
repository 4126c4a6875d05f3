import SyncModel
import WireProtocol

/// The smallest values around a field that is to be the greatest, chosen so that no other bytes look like its number.
extension LimitTests.Bound {
    static let folder = FolderID(high: 0, low: 0)
    private static let epoch = IndexEpoch(0)

    static func content(_ size: UInt64) -> FileContent { FileContent(size: size, hash: ContentHash(.zero)) }
    static func text(_ count: UInt64) -> String { String(repeating: "n", count: Int(count)) }
    private static func fill(_ count: UInt64) -> [UInt8] { [UInt8](repeating: 0x6e, count: Int(count)) }

    static func hashes(_ count: Int) -> [Bytes16] { (0..<UInt64(count)).map { Bytes16(high: 0, low: $0 << 32) } }

    static func paths(_ count: Int) throws -> [RelativePath] {
        let digits = Array("abcdefghijklmnop".utf8)
        return try (0..<count).map { number in
            try RelativePath((0..<3).map { digits[number >> (8 - 4 * $0) & 15] })
        }.sorted()
    }

    static func origin(_ number: UInt64 = 0) -> Origin {
        Origin(author: Author(device: DeviceID(.zero), epoch: IndexEpoch(number << 32)), counter: 1)
    }

    static func vector(_ count: UInt64) -> VersionVector { VersionVector((0..<count).map { origin($0) }) }

    static func directory(_ path: RelativePath) -> FileRecord {
        FileRecord(path: path, content: .directory, version: VersionVector(origin()), origin: origin(), edits: 1)
    }

    static func batch(_ entries: [IndexEntry]) -> Message {
        let last = entries.last?.sequence ?? 0
        return .indexBatch(
            IndexBatch(
                folder: folder, epoch: epoch, after: 0, upTo: last, head: last, mark: nil, frontier: nil,
                entries: entries))
    }

    /// A batch of one record, as `change` makes it.
    private static func record(_ change: (inout FileRecord) -> Void) throws -> Message {
        var record = directory(try RelativePath("a"))
        change(&record)
        return batch([IndexEntry(sequence: 1, item: .record(record, inline: nil))])
    }

    private static func hello(_ change: (inout Hello) -> Void) -> Message {
        var hello = SessionPair.hello("n")
        (hello.agentVersion, hello.listen) = ("v", [])
        change(&hello)
        return .hello(hello)
    }

    private static func membership(_ change: (inout MembershipRecord) -> Void) -> Message {
        var record = MembershipRecord(
            folder: folder, action: .add, device: DeviceID(.zero), incarnation: 1, role: .readWrite, deviceName: "n",
            predecessors: [], knownFrontier: VersionVector(), signer: DeviceID(.zero), signerKey: [1], signature: [1])
        change(&record)
        return .membership(MembershipUpdate(folder: folder, records: [record]))
    }

    private static func state(_ change: (inout FolderState) -> Void) -> Message {
        var state = FolderState(
            folder: folder, activity: .active, epoch: epoch, head: 0, mark: LogMark(sequence: 0, hash: .zero),
            frontier: VersionVector(), rootDigest: nil, tombstoneDigest: nil, needFiles: 0, needBytes: 0,
            scannedGeneration: 0, unflushed: false, position: nil)
        change(&state)
        return .folderState(state)
    }

    private static func request(after: UInt64 = 0, inline: UInt64 = 0, credit: UInt64 = 0) -> Message {
        .indexRequest(
            IndexRequest(
                folder: folder, epoch: epoch, after: after, inlineLimit: UInt32(inline), creditBytes: UInt32(credit)))
    }

    static let all = connections + folders + records + contents

    private static let connections = [
        Self("device name", Limits.deviceNameBytes) { count in hello { $0.deviceName = text(count) } },
        Self("agent version", Limits.textBytes) { count in hello { $0.agentVersion = text(count) } },
        Self("address", Limits.addressBytes) { count in hello { $0.listen = [text(count)] } },
        Self("addresses", Limits.addresses) { count in
            hello { $0.listen = [String](repeating: "nnn", count: Int(count)) }
        },
        Self("reason of a close", Limits.textBytes) { .close(Close(code: .done, text: text($0))) },
        Self("folders of a pairing", Limits.folders) { count in
            .pairConfirm(
                PairConfirm(
                    accepted: true, authenticator: .zero,
                    folders: (0..<count).map {
                        PairFolder(folder: FolderID(high: 0, low: $0 << 32), name: "n", neverShared: true, files: 0)
                    }))
        },
        Self("files of a pairing", Limits.counter) { files in
            let folder = PairFolder(folder: folder, name: "n", neverShared: true, files: files)
            return .pairConfirm(PairConfirm(accepted: true, authenticator: .zero, folders: [folder]))
        },
    ]

    private static let folders = [
        Self("folder name", Limits.folderNameBytes) {
            .folderOffer([FolderOffer(folder: folder, name: text($0), records: [])])
        },
        Self("folder offers", Limits.folders) { count in
            .folderOffer(
                (0..<count).map { FolderOffer(folder: FolderID(high: 0, low: $0 << 32), name: "n", records: []) })
        },
        Self("predecessors", Limits.membershipPredecessors) { count in
            membership { $0.predecessors = hashes(Int(count)).map { LimitTests.Bound.wide($0) } }
        },
        Self("frontier of a member", Limits.vectorEntries) { count in
            membership { $0.knownFrontier = vector(count) }
        },
        Self("signer's key", Limits.publicKeyBytes) { count in membership { $0.signerKey = fill(count) } },
        Self("signature", Limits.signatureBytes) { count in membership { $0.signature = fill(count) } },
        Self("incarnation", Limits.counter) { number in membership { $0.incarnation = number } },
        Self("head", Limits.counter) { number in state { $0.head = number } },
        Self("needed files", Limits.counter) { number in state { $0.needFiles = number } },
        Self("scan generation", Limits.counter) { number in state { $0.scannedGeneration = number } },
        Self("start of a stream", Limits.counter) { request(after: $0) },
        Self("inline limit", Limits.inlineBytes) { request(inline: $0) },
        Self("credit", Limits.indexCreditBytes) { request(credit: $0) },
        Self("reason of a barrier", Limits.textBytes) {
            .barrierReached(
                BarrierReached(folder: folder, token: 0, reached: false, rootDigest: nil, reason: text($0)))
        },
    ]

    private static let records = [
        Self("edits", Limits.counter) { number in try record { $0.edits = number } },
        Self("edit counter", Limits.counter) { number in
            try record {
                $0.origin = Origin(author: origin().author, counter: number)
                $0.version = VersionVector($0.origin)
            }
        },
        Self("stamp", Limits.stampCounter) { number in
            try record { $0.mode = Stamped(FileMode(0), at: Stamp(counter: number, device: DeviceID(.zero))) }
        },
        Self("file size", Limits.fileBytes) { size in try record { $0.content = .file(content(size)) } },
        Self("entries", Limits.batchRecords) { count in
            let path = try RelativePath("a")
            let entries = (1...count).map { IndexEntry(sequence: $0, item: .record(directory(path), inline: nil)) }
            return .records(Records(request: 0, epoch: epoch, entries: entries, last: true))
        },
        Self("attributes", Limits.attributeCount) { count in
            let stamp = Stamp(counter: 0, device: DeviceID(.zero))
            let names = try paths(Int(count)).map { Array("user.".utf8) + $0.bytes }
            return try record {
                $0.attributes = names.map { ExtendedAttribute(name: $0, value: Stamped(nil, at: stamp)) }
            }
        },
    ]

    private static let contents = [
        Self("length of a request", Limits.requestBytes) { length in
            .contentRequest(
                ContentRequest(
                    request: 0, folder: folder, path: try RelativePath("a"), content: content(1 << 50), offset: 0,
                    length: UInt32(length), priority: .normal))
        },
        Self("first reference", Limits.counter) { number in
            .chunkListRequest(
                ChunkListRequest(
                    request: 0, folder: folder, path: try RelativePath("a"), content: content(0),
                    part: .flat(first: number)))
        },
        Self("references", Limits.chunkReferences) { count in
            let chunks = [ChunkReference](repeating: ChunkReference(length: 1, hash: .zero), count: Int(count))
            return .chunkListData(ChunkListData(request: 0, part: .flat(first: 0, total: 1 << 40, chunks)))
        },
        Self("chunk length", Limits.chunkGreatest) { length in
            let chunk = ChunkReference(length: UInt32(length), hash: .zero)
            return .chunkListData(ChunkListData(request: 0, part: .flat(first: 0, total: 1, [chunk])))
        },
        Self("bucket items", Limits.bucketItems) { count in
            let items = hashes(Int(count)).map {
                BucketListing.Item(pathHash: $0, recordDigest: Bytes16(high: 0, low: 0))
            }
            return .bucketListing(BucketListing(request: 0, items: items, last: true))
        },
        Self("asked paths", Limits.batchRecords) { count in
            let items = try paths(Int(count)).map { EverHeldQuery.Item(path: $0, content: content(0)) }
            return .everHeldQuery(EverHeldQuery(request: 0, folder: folder, items: items))
        },
        Self("answers", Limits.batchRecords) { count in
            .everHeldAnswer(EverHeldAnswer(request: 0, held: [Bool](repeating: true, count: Int(count))))
        },
    ]

    /// Thirty-two bytes in the order of the sixteen.
    private static func wide(_ hash: Bytes16) -> Bytes32 {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: hash.low >> UInt64(56 - 8 * $0)) }
        return Bytes32(bytes + [UInt8](repeating: 0, count: 24)) ?? .zero
    }
}
