/// One chunk of a file: its length in bytes and the SHA-256 of its bytes.
public struct ChunkReference: Hashable, Sendable {
    public let length: UInt32
    public let hash: Bytes32

    public init(length: UInt32, hash: Bytes32) { (self.length, self.hash) = (length, hash) }
}
