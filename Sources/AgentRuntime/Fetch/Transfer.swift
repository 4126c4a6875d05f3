internal import Chunking
internal import LocalFileSystem
internal import SyncModel

/// One order under way.
struct Transfer {
    enum Phase {
        /// The fetcher's thread looks what is here.
        case preparing
        /// The chunk list is being fetched.
        case listing(ChunkTreeReader)
        /// The whole content is asked for at once.
        case whole
        case chunks(PartialFile, ChunkList)
    }

    let order: FetchOrder
    /// Tells it from an earlier order of the same content.
    let number: UInt64
    var paths: [DeviceID: RelativePath]
    var phase = Phase.preparing
    /// Bytes that are here already.
    var present: UInt64 = 0

    init(_ order: FetchOrder, number: UInt64) {
        (self.order, self.number) = (order, number)
        paths = Dictionary(order.sources.map { ($0.device, $0.path) }) { first, _ in first }
    }

    /// Whether something of it may be left in the stage.
    var hasPartial: Bool { if case .chunks = phase { true } else { false } }
}
