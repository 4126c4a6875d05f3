internal import SyncModel
internal import WireProtocol

/// Answers requests for content.
final class ContentServer: Sendable {
    func add(_ request: ContentRequest) {}
    func cancel(_ request: UInt32, for link: PeerLink) {}
    func produce(
        into buffer: UnsafeMutableRawBufferPointer, for link: PeerLink
    ) -> (type: UInt8, length: Int)? { nil }
    func restFrom(now: UInt64) {}
    func close() {}
}
