public import SyncModel

/// When a message may be sent.
enum Admission {
    /// After the hellos, always.
    case connection
    /// After the hellos, whether paired or not.
    case pairing
    /// Between devices that take each other for paired.
    case paired
    /// The same, about a folder that both have offered.
    case folder(FolderID)
}

extension Message {
    var admission: Admission {
        switch self {
        case .hello, .close, .ping, .pong: .connection
        case .pairRequest, .pairCommit, .pairNonce, .pairReveal, .pairConfirm, .pairCancel, .paired: .pairing
        case .joinRequest, .joinReply, .introduction: .pairing
        case .folderOffer, .requestFailed, .cancelRequest, .contentData, .chunkListData, .bucketListing, .records,
            .everHeldAnswer, .compressed:
            .paired
        case .membership(let update): .folder(update.folder)
        case .folderState(let state): .folder(state.folder)
        case .indexRequest(let request): .folder(request.folder)
        case .indexBatch(let batch): .folder(batch.folder)
        case .acknowledge(let acknowledge): .folder(acknowledge.folder)
        case .deletionRelease(let release): .folder(release.folder)
        case .contentRequest(let request): .folder(request.folder)
        case .chunkListRequest(let request): .folder(request.folder)
        case .barrier(let barrier): .folder(barrier.folder)
        case .barrierReached(let reached): .folder(reached.folder)
        case .bucketDigests(let digests): .folder(digests.folder)
        case .bucketRequest(let request): .folder(request.folder)
        case .recordsWanted(let wanted): .folder(wanted.folder)
        case .everHeldQuery(let query): .folder(query.folder)
        }
    }

    /// The folder that it names; nil for answers, which are about their request's.
    public var folder: FolderID? { if case .folder(let folder) = admission { folder } else { nil } }

    /// The number that it opens a request with.
    var openedRequest: UInt32? {
        switch self {
        case .contentRequest(let request): request.request
        case .chunkListRequest(let request): request.request
        case .bucketRequest(let request): request.request
        case .recordsWanted(let wanted): wanted.request
        case .everHeldQuery(let query): query.request
        default: nil
        }
    }
}
