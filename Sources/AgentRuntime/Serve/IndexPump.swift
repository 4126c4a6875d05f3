internal import Cryptography
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
    /// What was read of the log and had no room in the last batch.
    private var rest: Part?

    /// Rows of the log that go together: one after another, or all as the move that stands for them.
    private struct Part {
        var rows: ArraySlice<IndexRow>
        var move: DirectoryMove?
        /// All up to here is in it; and whether nothing followed that when it was read.
        var lookedAt: IndexSequence
        var isLast: Bool
        let head: IndexSequence

        /// - Parameter told: the log's end as far as this device's engine knows. The reader may have seen a later
        ///   commit, of which nothing is said yet: an engine that hears of more than it committed takes itself for a
        ///   copy.
        init(_ page: IndexReader.LogPage, upTo told: IndexSequence, takesMoves: Bool) {
            (rows, lookedAt, isLast, head) = (page.rows[...], page.lookedAt, page.isLast, page.head)
            // Nothing that belongs together goes on beyond a commit's end.
            let isWhole = isLast || lookedAt > told
            if lookedAt > told {
                rows = rows.prefix { $0.sequence <= told }
                (lookedAt, isLast) = (told, false)
            }
            guard takesMoves else { return }
            let count: Int
            switch LogPart.next(of: rows.map(\.record), isLast: isWhole, hashing: { SHA256.hash($0) }) {
            case .records(let records): count = records
            case .move(let move, let records): (self.move, count) = (move, records)
            }
            keep(rows.prefix(count))
        }

        /// What is left of it, as far as it may be held in memory until there is credit again.
        func kept(_ left: ArraySlice<IndexRow>) -> Part {
            var (rest, bytes) = (self, 0)
            rest.rows = left
            rest.keep(
                left.prefix { row in
                    bytes += row.record.sizeEstimate
                    return bytes <= Limits.batchBytes * 2
                })
            return rest
        }

        private mutating func keep(_ first: ArraySlice<IndexRow>) {
            guard first.count < rows.count else { return }
            rows = first
            (lookedAt, isLast) = (first.last?.sequence ?? lookedAt, false)
        }
    }

    /// A request of the peer: more credit for the stream under way, which the session counts, or another stream.
    mutating func take(_ request: IndexRequest) {
        let isMore = self.request?.stream == request.stream
        let inlineLimit = isMore ? max(self.request?.inlineLimit ?? 0, request.inlineLimit) : request.inlineLimit
        self.request = request
        self.request?.inlineLimit = inlineLimit
        guard !isMore else { return }
        position = request.after
        rest = nil
        (toldMark, toldFrontier) = (nil, nil)
    }

    /// Sends one batch, if there is credit and something to say; whether another may follow at once.
    mutating func send(from services: FolderServices, on link: PeerLink, packing packer: FramePacker) -> Bool {
        let status = services.status
        guard let request, request.epoch == status.epoch, status.mark.sequence >= position,
            status.mark != toldMark || status.frontier != toldFrontier || status.mark.sequence > position,
            link.indexCredit(services.folder) > 0
        else { return false }
        let isFollowing = request.after > 0 || toldMark != nil
        let part: Part
        do throws(IndexError) {
            if let rest {
                part = rest
            } else {
                part = try read(services, link.log(of: services.folder), isFollowing, status)
            }
        } catch {
            link.logger.error("the log can't be read", metadata: ["error": "\(error)"])
            return false
        }
        rest = nil
        var builder = BatchBuilder(
            services: services, inlineLimit: Int(request.inlineLimit), movesInline: !isFollowing)
        if let move = part.move { builder.add(move, for: part.rows) } else { builder.add(part.rows) }
        let left = part.rows.drop { $0.sequence <= builder.last }
        let upTo = left.isEmpty ? part.lookedAt : builder.last
        // The log's end is that of the status only if the reader saw no later commit: else a record that was replaced
        // by one beyond `upTo` would count as covered.
        let isEnd = left.isEmpty && part.isLast && upTo == status.mark.sequence
        if builder.entries.isEmpty, upTo == position, !isEnd { return false }
        // The head is the present one, not that of the reading: who has less than that decides nothing (rule 6).
        let batch = IndexBatch(
            folder: services.folder, stream: request.stream, epoch: status.epoch, after: position, upTo: upTo,
            head: max(part.head, status.mark.sequence), mark: isEnd ? status.mark.hash : nil,
            frontier: isEnd ? status.frontier : nil, entries: builder.entries)
        do throws(WireError) {
            guard try link.sendWaiting(.indexBatch(batch), packing: packer) else { return false }
        } catch {
            refused(error, link)
            return false
        }
        position = upTo
        rest = left.isEmpty ? nil : part.kept(left)
        if isEnd { (toldMark, toldFrontier) = (status.mark, status.frontier) }
        return true
    }

    private func read(
        _ services: FolderServices, _ excluded: Author?, _ isFollowing: Bool, _ status: IndexStatus
    ) throws(IndexError) -> Part {
        let page = try services.log.withLock { reader throws(IndexError) in
            try reader.log(after: position, limit: Limits.batchRecords, excluding: excluded)
        }
        let takesMoves = request?.takesMoves == true && isFollowing
        return Part(page, upTo: status.mark.sequence, takesMoves: takesMoves)
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
