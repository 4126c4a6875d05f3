import SyncModel

/// Messages to frames and back.
public enum WireCodec {
    /// The frame of a message. Refuses what a receiver would refuse, so that a fault is found at its sender.
    public static func encode(_ message: Message) throws(WireError) -> Frame {
        var writer = WireWriter(reserving: reservation(for: message))
        try write(message, to: &writer)
        if !message.type.endsInBytes { writer.extensions() }
        guard writer.bytes.count <= Limits.frameBytes else {
            throw writer.failure(
                .overLimit, "The \(message.type) has \(writer.bytes.count) bytes, too many for a frame.")
        }
        return Frame(type: message.type.rawValue, payload: writer.bytes)
    }

    /// The message of a frame; nil for a type from 128 that is not known, which is passed over.
    public static func decode(_ frame: Frame) throws(WireError) -> Message? {
        guard frame.payload.count <= Limits.frameBytes else {
            throw WireError(.overLimit, at: frame.payload.count, "A frame has \(frame.payload.count) bytes.")
        }
        guard let type = MessageType(rawValue: frame.type) else {
            if frame.type >= MessageType.firstOptional { return nil }
            throw WireError(.unknownType, "The message type \(frame.type) is not known.")
        }
        var reader = WireReader(frame.payload)
        let message = try read(type, from: &reader)
        if type.endsInBytes { try reader.finishBytes() } else { try reader.finish() }
        return message
    }

    private static func reservation(for message: Message) -> Int {
        switch message {
        case .indexBatch(let batch): 256 + batch.entries.count * 128
        case .records(let records): 256 + records.entries.count * 128
        case .contentData(let data): 32 + data.bytes.count
        case .compressed(let frames): 16 + frames.bytes.count
        case .bucketDigests: 9_216
        default: 256
        }
    }

    private static func write(_ message: Message, to writer: inout WireWriter) throws(WireError) {
        switch message {
        case .hello(let hello): try hello.write(to: &writer)
        case .close(let close): try close.write(to: &writer)
        case .ping(let number), .pong(let number): writer.fixed(number)
        case .pairRequest, .paired: break
        case .pairCommit(let commit): writer.bytes32(commit.commitment)
        case .pairNonce(let nonce): writer.bytes32(nonce.nonce)
        case .pairReveal(let reveal): writer.bytes32(reveal.nonce)
        case .pairConfirm(let confirm): try confirm.write(to: &writer)
        case .pairCancel(let cancel): writer.choice(cancel.reason)
        case .joinRequest(let request): try request.write(to: &writer)
        case .joinReply(let reply): try reply.write(to: &writer)
        case .introduction(let update): try update.write(to: &writer)
        case .folderOffer(let offers): try FolderOffer.write(offers, to: &writer)
        case .membership(let update): try update.write(to: &writer)
        case .folderState(let state): try state.write(to: &writer)
        case .indexRequest(let request): try request.write(to: &writer)
        case .indexBatch(let batch): try batch.write(to: &writer)
        case .acknowledge(let acknowledge): try acknowledge.write(to: &writer)
        case .deletionRelease(let release): try release.write(to: &writer)
        case .contentRequest(let request): try request.write(to: &writer)
        case .contentData(let data): try data.write(to: &writer)
        case .chunkListRequest(let request): try request.write(to: &writer)
        case .chunkListData(let data): try data.write(to: &writer)
        case .requestFailed(let failed): failed.write(to: &writer)
        case .cancelRequest(let request): writer.fixed(request)
        case .compressed(let frames): try frames.write(to: &writer)
        case .barrier(let barrier): barrier.write(to: &writer)
        case .barrierReached(let reached): try reached.write(to: &writer)
        case .bucketDigests(let digests): try digests.write(to: &writer)
        case .bucketRequest(let request): try request.write(to: &writer)
        case .bucketListing(let listing): try listing.write(to: &writer)
        case .recordsWanted(let wanted): try wanted.write(to: &writer)
        case .records(let records): try records.write(to: &writer)
        case .everHeldQuery(let query): try query.write(to: &writer)
        case .everHeldAnswer(let answer): try answer.write(to: &writer)
        }
    }

    private static func read(_ type: MessageType, from reader: inout WireReader) throws(WireError) -> Message {
        switch type {
        case .hello: .hello(try Hello(from: &reader))
        case .close: .close(try Close(from: &reader))
        case .ping: .ping(try reader.fixed(UInt64.self, "ping"))
        case .pong: .pong(try reader.fixed(UInt64.self, "pong"))
        case .pairRequest: .pairRequest(PairRequest())
        case .pairCommit: .pairCommit(PairCommit(commitment: try reader.bytes32("commitment")))
        case .pairNonce: .pairNonce(PairNonce(nonce: try reader.bytes32("nonce")))
        case .pairReveal: .pairReveal(PairReveal(nonce: try reader.bytes32("nonce")))
        case .pairConfirm: .pairConfirm(try PairConfirm(from: &reader))
        case .pairCancel: .pairCancel(PairCancel(reason: try reader.choice(PairCancelReason.self, "reason")))
        case .paired: .paired
        case .joinRequest: .joinRequest(try JoinRequest(from: &reader))
        case .joinReply: .joinReply(try JoinReply(from: &reader))
        case .introduction: .introduction(try MembershipUpdate(from: &reader))
        case .folderOffer: .folderOffer(try FolderOffer.readList(from: &reader))
        case .membership: .membership(try MembershipUpdate(from: &reader))
        case .folderState: .folderState(try FolderState(from: &reader))
        case .indexRequest: .indexRequest(try IndexRequest(from: &reader))
        case .indexBatch: .indexBatch(try IndexBatch(from: &reader))
        case .acknowledge: .acknowledge(try Acknowledge(from: &reader))
        case .deletionRelease: .deletionRelease(try DeletionRelease(from: &reader))
        case .contentRequest: .contentRequest(try ContentRequest(from: &reader))
        case .contentData: .contentData(try ContentData(from: &reader))
        case .chunkListRequest: .chunkListRequest(try ChunkListRequest(from: &reader))
        case .chunkListData: .chunkListData(try ChunkListData(from: &reader))
        case .requestFailed: .requestFailed(try RequestFailed(from: &reader))
        case .cancelRequest: .cancelRequest(try reader.request())
        case .compressed: .compressed(try CompressedFrames(from: &reader))
        case .barrier: .barrier(try Barrier(from: &reader))
        case .barrierReached: .barrierReached(try BarrierReached(from: &reader))
        case .bucketDigests: .bucketDigests(try BucketDigests(from: &reader))
        case .bucketRequest: .bucketRequest(try BucketRequest(from: &reader))
        case .bucketListing: .bucketListing(try BucketListing(from: &reader))
        case .recordsWanted: .recordsWanted(try RecordsWanted(from: &reader))
        case .records: .records(try Records(from: &reader))
        case .everHeldQuery: .everHeldQuery(try EverHeldQuery(from: &reader))
        case .everHeldAnswer: .everHeldAnswer(try EverHeldAnswer(from: &reader))
        }
    }
}

extension MessageType {
    /// Whether the extension area stands before the last field, which is long and not copied.
    fileprivate var endsInBytes: Bool { self == .contentData || self == .compressed }
}
