internal import SyncModel

/// Frames that travel compressed together, to be taken as if each had come by itself, in their order. Only between
/// sides that both have `Capabilities.zstd`.
public struct CompressedFrames: Hashable, Sendable {
    /// Bytes of the packed frames before compression: 1 to `Limits.frameBytes`.
    public var count: Int
    /// One zstd frame that holds exactly so many bytes. After decoding a part of the frame's storage, not a copy.
    public var bytes: ArraySlice<UInt8>

    public init(count: Int, bytes: ArraySlice<UInt8>) { (self.count, self.bytes) = (count, bytes) }
}

/// Frames one after the other in memory, each with a header: its type and the length of its payload. What
/// `CompressedFrames` holds once decompressed. Gives them one at a time, so that none is made after a faulty one.
public struct PackedFrames {
    /// A type byte, then the payload's length, `u32`.
    public static let headerBytes = 5

    private let bytes: [UInt8]
    private var offset = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether messages of a type may be packed: contents and records. The other long ones are mostly hashes.
    public static func mayHold(_ type: UInt8) -> Bool {
        switch MessageType(rawValue: type) {
        case .indexBatch, .contentData, .records: true
        default: false
        }
    }

    /// Writes the header of a frame, before its payload.
    public static func writeHeader(type: UInt8, count: Int, to bytes: UnsafeMutableRawBufferPointer) {
        precondition(mayHold(type) && bytes.count >= headerBytes, "the frame can't be packed")
        bytes[0] = type
        bytes.storeBytes(of: UInt32(count).bigEndian, toByteOffset: 1, as: UInt32.self)
    }

    /// The next frame; nil after the last one.
    public mutating func next() throws(WireError) -> Frame? {
        guard offset < bytes.count else {
            guard offset > 0 else { throw WireError(.truncated, "No frame is packed.") }
            return nil
        }
        guard bytes.count - offset >= Self.headerBytes else {
            throw WireError(.truncated, at: offset, "The packed frames end inside a header.")
        }
        let type = bytes[offset]
        guard Self.mayHold(type) else {
            throw WireError(.invalidValue, at: offset, "A frame of type \(type) may not be packed.")
        }
        let count = bytes[offset + 1..<offset + Self.headerBytes].reduce(0) { $0 << 8 | Int($1) }
        let start = offset + Self.headerBytes
        guard count <= bytes.count - start else {
            throw WireError(.truncated, at: offset, "The packed frames end inside a frame of \(count) bytes.")
        }
        offset = start + count
        return Frame(type: type, payload: Array(bytes[start..<offset]))
    }
}
