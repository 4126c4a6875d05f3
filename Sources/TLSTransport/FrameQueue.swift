/// Frames waiting to be sent, first in, first out, bounded in bytes.
struct FrameQueue {
    struct Frame {
        let type: UInt8
        let payload: [UInt8]
    }

    private var frames: [Frame?] = []
    private var first = 0
    /// Headers and payloads that wait.
    private(set) var bytes = 0
    let limitBytes: Int

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    var isEmpty: Bool { first == frames.count }

    func hasRoom(for count: Int) -> Bool { bytes + FrameHeader.byteCount + count <= limitBytes }

    mutating func append(_ frame: Frame) {
        frames.append(frame)
        bytes += FrameHeader.byteCount + frame.payload.count
    }

    mutating func popFirst() -> Frame? {
        guard !isEmpty, let frame = frames[first] else { return nil }
        frames[first] = nil
        first += 1
        bytes -= FrameHeader.byteCount + frame.payload.count
        if first == frames.count || first >= 1_024 {
            frames.removeFirst(first)
            first = 0
        }
        return frame
    }

    mutating func removeAll() { self = FrameQueue(limitBytes: limitBytes) }
}

/// What precedes every payload: its length, four bytes big-endian, and the frame's type, one byte.
package struct FrameHeader {
    package static let byteCount = 5

    package let type: UInt8
    package let payloadBytes: Int

    package init(type: UInt8, payloadBytes: Int) { (self.type, self.payloadBytes) = (type, payloadBytes) }

    /// That of the frame which begins in `bytes`; nil where they hold no whole header yet.
    /// - Throws: `frameTooLong` for a payload beyond `limit`, before any of it is waited for.
    package init?(beginning bytes: UnsafeRawBufferPointer, limit: Int) throws(TransportError) {
        guard bytes.count >= Self.byteCount else { return nil }
        payloadBytes = Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        type = bytes[4]
        guard payloadBytes <= limit else {
            throw .init(.frameTooLong, "The peer announced a frame of \(payloadBytes) bytes; \(limit) allowed.")
        }
    }

    package func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: UInt32(payloadBytes).bigEndian, as: UInt32.self)
        bytes.storeBytes(of: type, toByteOffset: 4, as: UInt8.self)
    }
}
