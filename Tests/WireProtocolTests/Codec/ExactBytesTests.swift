import SyncModel
import Testing
import WireProtocol

/// Bytes put together by hand from the specification, against values: the layout of each field, both ways.
@Suite struct ExactBytesTests {
    typealias V = RefusalVectors

    static let folder = FolderID(high: 0xf0f0_f0f0_f0f0_f0f0, low: 0xf0f0_f0f0_f0f0_f0f0)
    static let epoch = IndexEpoch(0xe0e0_e0e0_e0e0_e0e0)
    static let hash = PairingExchangeTests.bytes(0xaa)
    static let first = Author(device: DeviceID(PairingExchangeTests.bytes(1)), epoch: epoch)
    static let second = Author(device: DeviceID(PairingExchangeTests.bytes(2)), epoch: epoch)
    static let origin = Origin(author: first, counter: 1)

    func expect(_ message: Message, _ type: UInt8, _ payload: [UInt8]) throws {
        let frame = Frame(type: type, payload: payload)
        #expect(try WireCodec.encode(message) == frame)
        #expect(try WireCodec.decode(frame) == message)
    }

    @Test func hello() throws {
        let hello = Hello(
            protocolVersion: 1, oldestVersion: 1, agentVersion: "v", deviceName: "n", capabilities: [.zstd],
            listen: ["h:1"], generation: 258, isPaired: true)
        let versions: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1]
        let names: [UInt8] = [1, 0x76, 1, 0x6e]
        let rest: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 4, 1, 3, 0x68, 0x3a, 0x31, 0, 0, 0, 0, 0, 0, 1, 2, 1, 0]
        try expect(.hello(hello), 1, versions + names + rest)
    }

    @Test func connection() throws {
        try expect(.close(Close(code: .version, text: "ab")), 2, [3, 2, 0x61, 0x62, 0])
        try expect(.ping(0x0102_0304_0506_0708), 3, [1, 2, 3, 4, 5, 6, 7, 8, 0])
        try expect(.pong(1), 4, [0, 0, 0, 0, 0, 0, 0, 1, 0])
        try expect(.paired, 22, [0])
    }

    @Test func pairing() throws {
        try expect(.pairRequest(PairRequest()), 16, [0])
        try expect(.pairCommit(PairCommit(commitment: Self.hash)), 17, V.hash + [0])
        try expect(.pairNonce(PairNonce(nonce: Self.hash)), 18, V.hash + [0])
        try expect(.pairReveal(PairReveal(nonce: Self.hash)), 19, V.hash + [0])
        try expect(.pairCancel(PairCancel(reason: .busy)), 21, [3, 0])
        let folder = PairFolder(folder: Self.folder, name: "n", neverShared: true, files: 300)
        let confirm = PairConfirm(accepted: true, authenticator: Self.hash, folders: [folder])
        try expect(.pairConfirm(confirm), 20, [1] + V.hash + [1] + V.folder + [1, 0x6e, 1, 0xac, 0x02, 0])
    }

    @Test func joining() throws {
        let invite = Bytes16(high: 0x0101_0101_0101_0101, low: 0x0101_0101_0101_0101)
        let request = JoinRequest(invite: invite, proof: Self.hash, deviceName: "n", folder: Self.folder)
        try expect(.joinRequest(request), 24, V.fill(1, 16) + V.hash + [1, 0x6e, 1] + V.folder + [0])
        try expect(.joinReply(.refused(.full)), 25, [4, 0])
        let acceptance = JoinAcceptance(folder: Self.folder, folderName: "n", role: .archive, records: [])
        try expect(.joinReply(.accepted(acceptance)), 25, [0] + V.folder + [1, 0x6e, 3, 0, 0])
    }

    @Test func membership() throws {
        let record = MembershipRecord(
            folder: Self.folder, action: .add, device: Self.first.device, incarnation: 1, role: .readWrite,
            deviceName: "n", predecessors: [], knownFrontier: VersionVector(), signer: Self.second.device,
            signerKey: [9], signature: [8])
        let update = MembershipUpdate(folder: Self.folder, records: [record])
        try expect(.membership(update), 33, V.folder + [1] + V.membership() + [0])
        let offer = FolderOffer(folder: Self.folder, name: "n", records: [record])
        try expect(.folderOffer([offer]), 32, [1] + V.folder + [1, 0x6e, 1] + V.membership() + [0])
    }

    @Test func folderState() throws {
        let position = LogPosition(epoch: Self.epoch, received: 4, applied: 3, mark: nil)
        let state = FolderState(
            folder: Self.folder, activity: .scanning, epoch: Self.epoch, head: 200,
            mark: LogMark(sequence: 5, hash: Self.hash), frontier: VersionVector(Self.origin), members: Self.hash,
            cut: VersionVector(Self.origin), rootDigest: Self.hash, tombstoneDigest: nil, needFiles: 1, needBytes: 128,
            scannedGeneration: 2, unflushed: true,
            position: position)
        let log = V.folder + [4] + V.epoch + [0xc8, 0x01, 5] + V.hash
        let frontier = [1] + V.fill(1, 32) + V.epoch + [1]
        let rest = [1] + V.hash + [0, 1, 0x80, 0x01, 2, 1, 1] + V.epoch + [4, 3, 0, 0]
        try expect(.folderState(state), 34, log + frontier + V.hash + frontier + rest)
    }

    @Test func index() throws {
        let request = IndexRequest(
            folder: Self.folder, stream: 130, epoch: Self.epoch, after: 1, inlineLimit: 128, creditBytes: 2)
        try expect(.indexRequest(request), 35, V.folder + [0x82, 0x01] + V.epoch + [1, 0x80, 0x01, 2, 0, 0])
        let acknowledge = Acknowledge(
            folder: Self.folder, epoch: Self.epoch, upTo: 7, frontier: VersionVector(Self.origin))
        let vector = [1] + V.fill(1, 32) + V.epoch + [1]
        try expect(.acknowledge(acknowledge), 37, V.folder + V.epoch + [7] + vector + [0])
        let release = DeletionRelease(
            folder: Self.folder, author: Self.first, upTo: 5, signer: Self.second.device, signerKey: [1], signature: [2]
        )
        try expect(
            .deletionRelease(release), 38,
            V.folder + V.fill(1, 32) + V.epoch + [5] + V.fill(2, 32) + [1, 1, 1, 2, 0])
    }

    func batch(_ entries: [IndexEntry]) -> Message {
        .indexBatch(
            IndexBatch(
                folder: Self.folder, stream: 7, epoch: Self.epoch, after: 0, upTo: 9, head: 9, mark: nil, frontier: nil,
                entries: entries))
    }

    @Test func records() throws {
        let version = VersionVector([Self.origin, Origin(author: Self.second, counter: 7)])
        let stamp = Stamp(counter: 5, device: Self.second.device)
        var file = FileRecord(
            path: try RelativePath("dir/a"), content: .file(FileContent(size: 3, hash: ContentHash(Self.hash))),
            version: version, origin: Self.origin, edits: 2)
        file.modified = Stamped(Timestamp(seconds: -1, nanoseconds: 256), at: stamp)
        file.mode = Stamped(FileMode(0o644), at: stamp)
        file.attributes = [ExtendedAttribute(name: Array("user.x".utf8), value: Stamped([0xee], at: stamp))]
        file.conflictOf = try RelativePath("o")
        let removed = FileRecord(
            path: try RelativePath("dir/bc"), content: .deleted(movedTo: nil), version: VersionVector(Self.origin),
            origin: Self.origin, edits: 1)
        let path: [UInt8] = [0, 5] + Array("dir/a".utf8)
        let times: [UInt8] = [1, 0, 0, 1, 0, 5, 1, 0x01, 0xa4, 5, 1]
        let attributes: [UInt8] = [1, 6] + Array("user.x".utf8) + [1, 1, 0xee, 5, 1]
        let fileBytes = [2, 1, 0x79, 2] + path + V.file + [0, 1, 2, 2, 0, 1, 1, 7] + times + attributes + [1, 0x6f]
        let inline: [UInt8] = [3, 1, 2, 3]
        let removedBytes: [UInt8] = [1, 8, 0x84, 4, 2, 0x62, 0x63, 0, 1, 1]
        let entries = [
            IndexEntry(sequence: 1, item: .record(file, inline: [1, 2, 3])),
            IndexEntry(sequence: 9, item: .record(removed, inline: nil)),
        ]
        try expect(batch(entries), 36, V.batch(fileBytes + inline, removedBytes))
    }

    @Test func linksAndMoves() throws {
        var link = FileRecord(
            path: try RelativePath("l"), content: .symlink(target: [0x74]), version: VersionVector(Self.origin),
            origin: Self.origin, edits: 1)
        let source = Origin(author: Self.second, counter: 4)
        link.movedFrom = MoveSource(path: try RelativePath("k"), origin: source)
        link.lineage = [
            Place(path: try RelativePath("k"), arrival: Origin(author: Self.second, counter: 3), edit: source),
            Place(path: try RelativePath("l"), arrival: Self.origin),
        ]
        let gone = FileRecord(
            path: try RelativePath("k"), content: .deleted(movedTo: try RelativePath("l")),
            version: VersionVector(Self.origin), origin: Self.origin, edits: 1)
        let entries = [
            IndexEntry(sequence: 1, item: .record(link, inline: nil)),
            IndexEntry(sequence: 2, item: .record(gone, inline: nil)),
        ]
        try expect(
            batch(entries), 36,
            V.batch(
                [1, 1, 0xc3, 9, 0, 1, 0x6c, 1, 0x74, 0, 1, 1, 1, 0x6b, 1, 4]
                    + [2, 0, 1, 0x6b, 1, 3, 1, 1, 4, 0, 1, 0x6c, 0, 1, 0],
                [1, 1, 0x85, 0, 1, 0x6b, 1, 0x6c, 0, 1, 1]))
    }

    @Test func directoryMoves() throws {
        let move = DirectoryMove(
            from: try RelativePath("d"), to: try RelativePath("e"), first: try RelativePath("d"),
            last: try RelativePath("d/x"), count: 300, digest: Self.hash, origin: Self.origin)
        let table = [1] + V.fill(1, 32) + [1, 0] + V.epoch
        let bytes: [UInt8] = [3, 3, 1, 0x64, 1, 0x65, 1, 0x64, 3, 0x64, 0x2f, 0x78, 0xac, 2] + V.hash + [0, 1, 0]
        try expect(batch([IndexEntry(sequence: 3, item: .move(move))]), 36, V.batch(table: table, bytes))
    }

    @Test func content() throws {
        let content = FileContent(size: 3, hash: ContentHash(Self.hash))
        let path = try RelativePath("a")
        let request = ContentRequest(
            request: 258, folder: Self.folder, path: path, content: content, offset: 1, length: 2, priority: .bulk)
        let head: [UInt8] = [0, 0, 1, 2] + V.folder + [1, 0x61] + V.file
        try expect(.contentRequest(request), 48, head + [1, 2, 3, 0])
        let data = ContentData(request: 258, offset: 1, last: true, bytes: [7, 8])
        try expect(.contentData(data), 49, [0, 0, 1, 2, 1, 1, 0, 2, 7, 8])
        let list = ChunkListRequest(
            request: 258, folder: Self.folder, path: path, content: content, part: .flat(first: 200))
        try expect(.chunkListRequest(list), 50, head + [2, 0xc8, 0x01, 0])
        let chunks = ChunkListData(
            request: 258, part: .flat(first: 0, total: 2, [ChunkReference(length: 9, hash: Self.hash)]))
        try expect(.chunkListData(chunks), 51, [0, 0, 1, 2, 2, 0, 2, 1, 9] + V.hash + [0])
        try expect(.requestFailed(RequestFailed(request: 1, code: .changed)), 52, [0, 0, 0, 1, 2, 0])
        try expect(.cancelRequest(1), 53, [0, 0, 0, 1, 0])
    }

    @Test func barriersAndRepair() throws {
        let token: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 9]
        let one: [UInt8] = [0, 0, 0, 1]
        try expect(.barrier(Barrier(folder: Self.folder, token: 9)), 64, V.folder + token + [0])
        let reached = BarrierReached(folder: Self.folder, token: 9, reached: false, rootDigest: nil, reason: "a")
        try expect(.barrierReached(reached), 65, V.folder + token + [0, 0, 1, 0x61, 0])
        let wanted = RecordsWanted(
            request: 1, folder: Self.folder, paths: [try RelativePath("a")], pathHashes: [Bytes16(high: 0, low: 1)])
        try expect(.recordsWanted(wanted), 75, one + V.folder + [1, 1, 0x61, 1] + V.fill(0, 15) + [1, 0])
        try expect(.everHeldAnswer(EverHeldAnswer(request: 1, held: [true, false])), 78, one + [2, 1, 0, 0])
        let bucket = BucketRequest(request: 1, folder: Self.folder, domain: .tombstones, bucket: 7, after: nil)
        try expect(.bucketRequest(bucket), 73, one + V.folder + [2, 7, 0, 0])
        try expect(
            .records(Records(request: 1, epoch: Self.epoch, entries: [], last: true)), 76,
            one + V.epoch + [1, 0, 0, 0, 0])
    }
}
