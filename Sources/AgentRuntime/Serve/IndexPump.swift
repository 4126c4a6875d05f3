internal import Logging
internal import SQLiteIndex
internal import SyncModel
internal import WireProtocol

/// How far one folder's log has been sent on one link. Used on the server's thread only.
struct IndexPump {
    private var request: IndexRequest?
    /// Sent up to here.
    private var position: IndexSequence = 0
    /// What was last said of the log's end: it is said again when it has changed.
    private var toldMark: LogMark?
    private var toldFrontier: VersionVector?
    /// How many rows are read for a batch: what one that contents filled had no room for is read again.
    private var pageRows = Limits.batchRecords

    /// A request of the peer: more credit for the stream under way, which the session counts, or another stream.
    mutating func take(_ request: IndexRequest) {
        let isMore = self.request?.stream == request.stream
        let inlineLimit = isMore ? max(self.request?.inlineLimit ?? 0, request.inlineLimit) : request.inlineLimit
        self.request = request
        self.request?.inlineLimit = inlineLimit
        guard !isMore else { return }
        position = request.after
        (toldMark, toldFrontier) = (nil, nil)
    }

    /// Sends one batch, if there is credit and something to say; whether another may follow at once.
    mutating func send(from services: FolderServices, on link: PeerLink, packing packer: FramePacker) -> Bool {
        let status = services.status
        guard let request, request.epoch == status.epoch, status.mark.sequence >= position,
            status.mark != toldMark || status.frontier != toldFrontier || status.mark.sequence > position,
            link.indexCredit(services.folder) > 0
        else { return false }
        let page: IndexReader.LogPage
        do throws(IndexError) {
            page = try services.log.withLock { reader throws(IndexError) in
                try reader.log(after: position, limit: pageRows, excluding: link.log(of: services.folder))
            }
        } catch {
            link.logger.error("the log can't be read", metadata: ["error": "\(error)"])
            return false
        }
        let isFollowing = request.after > 0 || toldMark != nil
        var builder = BatchBuilder(
            services: services, inlineLimit: Int(request.inlineLimit), movesInline: !isFollowing)
        let takesMoves = request.takesMoves && isFollowing
        let isWhole = builder.add(page, takesMoves: takesMoves)
        let upTo = isWhole ? page.lookedAt : builder.last
        // The log's end is that of the status only if the reader saw no later commit: else a record that was replaced
        // by one beyond `upTo` would count as covered.
        let isEnd = isWhole && page.isLast && upTo == status.mark.sequence
        // A move of a directory is found in a whole page only.
        let isFilled = !isWhole && !takesMoves
        pageRows = isFilled ? min(builder.entries.count * 2 + 1, Limits.batchRecords) : Limits.batchRecords
        if builder.entries.isEmpty, upTo == position, !isEnd { return false }
        let batch = IndexBatch(
            folder: services.folder, stream: request.stream, epoch: status.epoch, after: position, upTo: upTo,
            head: max(page.head, upTo), mark: isEnd ? status.mark.hash : nil,
            frontier: isEnd ? status.frontier : nil, entries: builder.entries)
        do throws(WireError) {
            guard try link.sendWaiting(.indexBatch(batch), packing: packer) else { return false }
        } catch {
            refused(error, link)
            return false
        }
        position = upTo
        if isEnd { (toldMark, toldFrontier) = (status.mark, status.frontier) }
        return true
    }

    /// The peer may have opened another stream meanwhile: its request is then on its way here.
    private func refused(_ error: WireError, _ link: PeerLink) {
        if [.unrequested, .tooMany].contains(error.code) {
            return link.logger.debug("a batch is not wanted any more", metadata: ["error": "\(error)"])
        }
        link.logger.error("a batch of ours is refused", metadata: ["error": "\(error)"])
        link.close(.protocolError, "An inner fault: \(error.code.rawValue).")
    }
}
