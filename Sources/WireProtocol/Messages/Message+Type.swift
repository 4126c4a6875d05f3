extension Message {
    /// The type byte that goes with it.
    public var type: MessageType {
        switch self {
        case .hello: .hello
        case .close: .close
        case .ping: .ping
        case .pong: .pong
        case .pairRequest: .pairRequest
        case .pairCommit: .pairCommit
        case .pairNonce: .pairNonce
        case .pairReveal: .pairReveal
        case .pairConfirm: .pairConfirm
        case .pairCancel: .pairCancel
        case .paired: .paired
        case .joinRequest: .joinRequest
        case .joinReply: .joinReply
        case .introduction: .introduction
        case .folderOffer: .folderOffer
        case .membership: .membership
        case .folderState: .folderState
        case .indexRequest: .indexRequest
        case .indexBatch: .indexBatch
        case .acknowledge: .acknowledge
        case .deletionRelease: .deletionRelease
        case .contentRequest: .contentRequest
        case .contentData: .contentData
        case .chunkListRequest: .chunkListRequest
        case .chunkListData: .chunkListData
        case .requestFailed: .requestFailed
        case .cancelRequest: .cancelRequest
        case .compressed: .compressed
        case .barrier: .barrier
        case .barrierReached: .barrierReached
        case .bucketDigests: .bucketDigests
        case .bucketRequest: .bucketRequest
        case .bucketListing: .bucketListing
        case .recordsWanted: .recordsWanted
        case .records: .records
        case .everHeldQuery: .everHeldQuery
        case .everHeldAnswer: .everHeldAnswer
        }
    }
}
