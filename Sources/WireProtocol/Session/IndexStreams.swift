import SyncModel

/// The index streams that one side has asked for, one a folder, with their credit. Like `RequestLedger`, kept for both
/// directions.
struct IndexStreams: Hashable, Sendable {
    struct Stream: Hashable, Sendable {
        let number: UInt32
        let epoch: IndexEpoch
        /// The sequence that it was opened with.
        let opened: IndexSequence
        /// Where the next batch begins.
        var next: IndexSequence
        var credit: Int
        var inlineLimit: Int
        var takesMoves: Bool
        /// Batches of a stream that this one replaced may still be on their way.
        var isReplacement: Bool
    }

    private(set) var streams: [FolderID: Stream] = [:]

    mutating func request(_ request: IndexRequest) throws(WireError) {
        let credit = Int(request.creditBytes)
        if var stream = streams[request.folder], stream.number >= request.stream {
            guard stream.number == request.stream, stream.epoch == request.epoch, stream.opened == request.after
            else { throw WireError(.unrequested, "An index stream is asked for again as another one.") }
            guard stream.credit + credit <= Limits.indexCreditBytes else {
                throw WireError(.tooMany, "More than \(Limits.indexCreditBytes) bytes of credit for an index.")
            }
            stream.credit += credit
            stream.inlineLimit = max(stream.inlineLimit, Int(request.inlineLimit))
            stream.takesMoves = stream.takesMoves || request.takesMoves
            streams[request.folder] = stream
        } else {
            streams[request.folder] = Stream(
                number: request.stream, epoch: request.epoch, opened: request.after, next: request.after,
                credit: credit,
                inlineLimit: Int(request.inlineLimit), takesMoves: request.takesMoves,
                isReplacement: streams[request.folder] != nil)
        }
    }

    /// Takes a batch of so many payload bytes. False for one of a replaced stream, to be passed over.
    mutating func batch(_ batch: IndexBatch, bytes: Int) throws(WireError) -> Bool {
        guard var stream = streams[batch.folder] else {
            throw WireError(.unrequested, "An index batch was not asked for.")
        }
        if stream.isReplacement, batch.stream < stream.number { return false }
        guard batch.stream == stream.number, batch.epoch == stream.epoch, batch.after == stream.next else {
            throw WireError(.unrequested, "An index batch does not follow the one before.")
        }
        guard stream.credit > 0 else { throw WireError(.tooMany, "An index batch came without credit.") }
        for entry in batch.entries {
            if case .record(_, let content?) = entry.item, content.count > stream.inlineLimit {
                throw WireError(.unrequested, "An inline content is larger than was asked for.")
            }
            if case .move = entry.item, !stream.takesMoves {
                throw WireError(.unrequested, "A directory move was not asked for.")
            }
        }
        stream.credit -= bytes
        stream.next = batch.upTo
        stream.isReplacement = false
        streams[batch.folder] = stream
        return true
    }
}
