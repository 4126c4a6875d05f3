import SeededRandom
import SyncModel
import WireProtocol

extension Sampler {
    /// A valid message of the kind.
    mutating func message(_ type: MessageType) -> Message {
        let request = UInt32(truncatingIfNeeded: random.next())
        switch type {
        case .hello, .close, .ping, .pong, .pairRequest, .pairCommit, .pairNonce, .pairReveal, .pairConfirm,
            .pairCancel, .paired, .joinRequest, .joinReply, .introduction:
            return connectionMessage(type)
        case .folderOffer, .membership, .folderState, .indexRequest, .indexBatch, .acknowledge, .deletionRelease:
            return folderMessage(type)
        case .contentRequest:
            let size = number(Limits.fileBytes, least: 1)
            let offset = number(size - 1)
            let length = UInt32(min(number(UInt64(Limits.requestBytes), least: 1), size - offset))
            return .contentRequest(
                ContentRequest(
                    request: request, folder: folder(), path: path(),
                    content: FileContent(size: size, hash: ContentHash(bytes32())), offset: offset, length: length,
                    priority: random.pick(RequestPriority.allCases)))
        case .contentData:
            return .contentData(
                ContentData(
                    request: request, offset: number(Limits.fileBytes), last: random.chance(),
                    bytes: random.octets(1 + random.below(300))[...]))
        case .chunkListRequest:
            return .chunkListRequest(
                ChunkListRequest(
                    request: request, folder: folder(), path: path(), content: content(),
                    part: random.chance() ? .node(bytes32()) : .flat(first: number())))
        case .chunkListData: return .chunkListData(ChunkListData(request: request, part: chunkListPart()))
        case .requestFailed:
            return .requestFailed(RequestFailed(request: request, code: random.pick(RequestFailure.allCases)))
        case .cancelRequest: return .cancelRequest(request)
        case .compressed:
            return .compressed(
                CompressedFrames(
                    count: 1 + random.below(Limits.frameBytes), bytes: random.octets(1 + random.below(300))[...]))
        default: return repairMessage(type, request)
        }
    }

    private mutating func chunkListPart() -> ChunkListData.Part {
        if random.chance() { return .node(random.octets(random.below(200))[...]) }
        let chunks = (0..<1 + random.below(5)).map { _ in
            ChunkReference(length: UInt32(random.below(Limits.chunkGreatest + 1)), hash: bytes32())
        }
        let first = number(1 << 40)
        return .flat(first: first, total: first + UInt64(chunks.count) + number(1 << 20), chunks)
    }

    private mutating func connectionMessage(_ type: MessageType) -> Message {
        switch type {
        case .hello:
            let version = 1 + UInt32(random.below(9))
            return .hello(
                Hello(
                    protocolVersion: version, oldestVersion: 1 + UInt32(random.below(Int(version))),
                    agentVersion: "lanyard 0.1", deviceName: name(64),
                    capabilities: Capabilities(rawValue: random.next()),
                    listen: (0..<random.below(4)).map { _ in name(80) }, generation: random.next(),
                    isPaired: random.chance()))
        case .close: return .close(Close(code: random.pick(CloseCode.allCases), text: name(200)))
        case .ping: return .ping(random.next())
        case .pong: return .pong(random.next())
        case .pairRequest: return .pairRequest(PairRequest())
        case .pairCommit: return .pairCommit(PairCommit(commitment: bytes32()))
        case .pairNonce: return .pairNonce(PairNonce(nonce: bytes32()))
        case .pairReveal: return .pairReveal(PairReveal(nonce: bytes32()))
        case .pairConfirm:
            let folders = (0..<random.below(4)).map { _ in
                PairFolder(folder: folder(), name: name(255), neverShared: random.chance(), files: number())
            }
            return .pairConfirm(
                PairConfirm(
                    accepted: random.chance(), authenticator: bytes32(),
                    folders: folders.sorted { $0.folder < $1.folder }))
        case .pairCancel: return .pairCancel(PairCancel(reason: random.pick(PairCancelReason.allCases)))
        case .paired: return .paired
        case .joinRequest:
            return .joinRequest(
                JoinRequest(invite: bytes16(), proof: bytes32(), deviceName: name(64), folder: optional(folder())))
        case .introduction:
            let folder = folder()
            return .introduction(MembershipUpdate(folder: folder, records: [membership(of: folder)]))
        default:
            if random.chance() { return .joinReply(.refused(random.pick(JoinRefusal.allCases))) }
            let folder = folder()
            return .joinReply(
                .accepted(
                    JoinAcceptance(
                        folder: folder, folderName: name(255), role: random.pick(Role.allCases),
                        records: (0..<2).map { _ in membership(of: folder) })))
        }
    }

    private mutating func folderMessage(_ type: MessageType) -> Message {
        let folder = folder()
        switch type {
        case .folderOffer:
            let offers = (0..<random.below(3)).map { _ in
                let folder = self.folder()
                return FolderOffer(folder: folder, name: name(255), records: [membership(of: folder)])
            }
            return .folderOffer(offers.sorted { $0.folder < $1.folder })
        case .membership: return .membership(MembershipUpdate(folder: folder, records: [membership(of: folder)]))
        case .folderState: return .folderState(state(of: folder))
        case .indexRequest:
            return .indexRequest(
                IndexRequest(
                    folder: folder, stream: UInt32(random.below(1 << 32)), epoch: epoch(), after: number(),
                    inlineLimit: UInt32(random.below(Limits.inlineBytes)),
                    creditBytes: UInt32(random.below(Limits.indexCreditBytes)), takesMoves: random.chance()))
        case .indexBatch: return .indexBatch(batch(of: folder))
        case .acknowledge:
            return .acknowledge(Acknowledge(folder: folder, epoch: epoch(), upTo: number(), frontier: vector()))
        default:
            return .deletionRelease(
                DeletionRelease(
                    folder: folder, author: random.pick(authors), upTo: number(least: 1), signer: random.pick(devices),
                    signerKey: random.octets(91), signature: random.octets(71)))
        }
    }

    mutating func state(of folder: FolderID) -> FolderState {
        let head = number()
        let received = number()
        let position = LogPosition(
            epoch: epoch(), received: received, applied: number(received),
            mark: optional(LogMark(sequence: number(), hash: bytes32())))
        return FolderState(
            folder: folder, activity: random.pick(FolderActivity.allCases), epoch: epoch(), head: head,
            mark: LogMark(sequence: number(head), hash: bytes32()), frontier: vector(), members: bytes32(),
            cut: vector(),
            rootDigest: optional(bytes32()), tombstoneDigest: optional(bytes32()), needFiles: number(),
            needBytes: number(.max),
            scannedGeneration: number(), unflushed: random.chance(), position: optional(position))
    }

    mutating func entries(after: IndexSequence, count: Int, inline: Bool) -> [IndexEntry] {
        var sequence = after
        var previous: RelativePath?
        if inline, random.below(8) == 0 { return [IndexEntry(sequence: after + 1, item: .move(move()))] }
        return (0..<count).map { _ in
            sequence += 1 + UInt64(random.below(3))
            let path = path(after: previous)
            previous = path
            var record = record(at: path)
            guard inline, case .file(let file) = record.content, random.chance() else {
                return IndexEntry(sequence: sequence, item: .record(record, inline: nil))
            }
            let bytes = random.octets(random.below(100))
            record.content = .file(FileContent(size: UInt64(bytes.count), hash: file.hash))
            return IndexEntry(sequence: sequence, item: .record(record, inline: bytes[...]))
        }
    }

    mutating func move() -> DirectoryMove {
        let from = path()
        guard let to = try? from.replacingName(with: Array("moved".utf8)), let last = try? from.appending([0x78]) else {
            preconditionFailure()
        }
        return DirectoryMove(
            from: from, to: to, first: from, last: last, count: UInt32(1 + random.below(Limits.batchRecords / 2)),
            digest: bytes32(), origin: origin())
    }

    mutating func batch(of folder: FolderID, count: Int? = nil) -> IndexBatch {
        let after = number(1 << 40)
        let entries = entries(after: after, count: count ?? random.below(12), inline: true)
        let upTo = (entries.last?.sequence ?? after) + UInt64(random.below(3))
        let reachesHead = random.chance()
        return IndexBatch(
            folder: folder, stream: UInt32(random.below(1 << 32)), epoch: epoch(), after: after, upTo: upTo,
            head: reachesHead ? upTo : upTo + number(1 << 40), mark: optional(bytes32()),
            frontier: reachesHead ? optional(vector()) : nil, entries: entries)
    }

    private mutating func repairMessage(_ type: MessageType, _ request: UInt32) -> Message {
        let domain = random.pick(DigestDomain.allCases)
        switch type {
        case .barrier: return .barrier(Barrier(folder: folder(), token: random.next()))
        case .barrierReached:
            return .barrierReached(
                BarrierReached(
                    folder: folder(), token: random.next(), reached: random.chance(), rootDigest: optional(bytes32()),
                    reason: random.chance() ? "" : name(100)))
        case .bucketDigests:
            return .bucketDigests(
                BucketDigests(folder: folder(), domain: domain, digests: (0..<256).map { _ in bytes32() }))
        case .bucketRequest:
            return .bucketRequest(
                BucketRequest(
                    request: request, folder: folder(), domain: domain, bucket: UInt8(random.below(256)),
                    after: optional(bytes16())))
        case .bucketListing:
            let hashes = Set((0..<random.below(9)).map { _ in bytes16() }).sorted()
            let items = hashes.map { BucketListing.Item(pathHash: $0, recordDigest: bytes16()) }
            return .bucketListing(BucketListing(request: request, items: items, last: random.chance()))
        case .recordsWanted:
            return .recordsWanted(
                RecordsWanted(
                    request: request, folder: folder(), paths: paths(random.below(5)),
                    pathHashes: Set((0..<random.below(5)).map { _ in bytes16() }).sorted()))
        case .records:
            let entries = entries(after: number(1 << 40), count: random.below(5), inline: false)
            return .records(Records(request: request, epoch: epoch(), entries: entries, last: random.chance()))
        case .everHeldQuery:
            let items = (0..<random.below(5)).map { _ in EverHeldQuery.Item(path: path(), content: content()) }
            return .everHeldQuery(EverHeldQuery(request: request, folder: folder(), items: items))
        default:
            return .everHeldAnswer(
                EverHeldAnswer(request: request, held: (0..<random.below(20)).map { _ in random.chance() }))
        }
    }
}
