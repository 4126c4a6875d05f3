/// Everything that two devices say to each other over one connection: wire protocol 1.
///
/// The number of each case is its type byte on the wire (`MessageType`); `Specification` gives the bytes.
public enum Message: Hashable, Sendable {
    // MARK: Connection
    /// The first message of both sides.
    case hello(Hello)
    /// The last message: nothing follows it.
    case close(Close)
    /// Asks for a `pong` with the same number.
    case ping(UInt64)
    case pong(UInt64)

    // MARK: Pairing (rule 17)
    case pairRequest(PairRequest)
    case pairCommit(PairCommit)
    case pairNonce(PairNonce)
    case pairReveal(PairReveal)
    case pairConfirm(PairConfirm)
    case pairCancel(PairCancel)
    /// The sender has durably taken the receiver for paired since its hello, by pairing or joining.
    case paired

    // MARK: Joining by invite
    case joinRequest(JoinRequest)
    case joinReply(JoinReply)
    /// Membership records that make the sender a member of a folder of the receiver, which did not know it yet.
    case introduction(MembershipUpdate)

    // MARK: Folders
    /// Folders that both may share. May be sent again with further or changed folders.
    case folderOffer([FolderOffer])
    case membership(MembershipUpdate)
    case folderState(FolderState)
    case indexRequest(IndexRequest)
    case indexBatch(IndexBatch)
    case acknowledge(Acknowledge)
    case deletionRelease(DeletionRelease)

    // MARK: Content
    case contentRequest(ContentRequest)
    case contentData(ContentData)
    case chunkListRequest(ChunkListRequest)
    case chunkListData(ChunkListData)
    /// The answer to any request that is not carried out.
    case requestFailed(RequestFailed)
    /// The request's answer is no longer wanted. It still ends with its last answer or a `requestFailed`.
    case cancelRequest(UInt32)
    /// Any of the frames that `PackedFrames` may hold, compressed.
    case compressed(CompressedFrames)

    // MARK: Barriers (rule 26)
    case barrier(Barrier)
    case barrierReached(BarrierReached)

    // MARK: Repair
    case bucketDigests(BucketDigests)
    case bucketRequest(BucketRequest)
    case bucketListing(BucketListing)
    case recordsWanted(RecordsWanted)
    case records(Records)
    case everHeldQuery(EverHeldQuery)
    case everHeldAnswer(EverHeldAnswer)
}

/// The type byte of a frame. Types from 128 that a reader does not know are passed over, lower ones refused.
public enum MessageType: UInt8, Hashable, Sendable, CaseIterable {
    case hello = 1
    case close = 2
    case ping = 3
    case pong = 4
    case pairRequest = 16
    case pairCommit = 17
    case pairNonce = 18
    case pairReveal = 19
    case pairConfirm = 20
    case pairCancel = 21
    case paired = 22
    case joinRequest = 24
    case joinReply = 25
    case introduction = 26
    case folderOffer = 32
    case membership = 33
    case folderState = 34
    case indexRequest = 35
    case indexBatch = 36
    case acknowledge = 37
    case deletionRelease = 38
    case contentRequest = 48
    case contentData = 49
    case chunkListRequest = 50
    case chunkListData = 51
    case requestFailed = 52
    case cancelRequest = 53
    case compressed = 56
    case barrier = 64
    case barrierReached = 65
    case bucketDigests = 72
    case bucketRequest = 73
    case bucketListing = 74
    case recordsWanted = 75
    case records = 76
    case everHeldQuery = 77
    case everHeldAnswer = 78

    /// The first type that a reader passes over when it does not know it.
    public static let firstOptional: UInt8 = 128
}
