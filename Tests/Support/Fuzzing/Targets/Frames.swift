import SyncModel
import TLSTransport
import WireVectors

extension FuzzTargets {
    /// What comes through TLS: frames one after the other, each with its header.
    static let frames = FuzzTarget("frames") {
        let vectors = try VectorFile.load()
        return stride(from: 0, to: vectors.count, by: 8).map { start in
            vectors[start..<min(start + 8, vectors.count)].flatMap { vector in
                header(type: vector.type, count: vector.payload.count) + vector.payload
            }
        } + [header(type: 1, count: Limits.frameBytes), header(type: 255, count: Limits.frameBytes + 1)]
    } check: { input in
        for limit in [Limits.unpairedFrameBytes, Limits.frameBytes] {
            var start = 0
            while let header = try? input[start...].withUnsafeBytes({ try FrameHeader(beginning: $0, limit: limit) }) {
                let payload = start + FrameHeader.byteCount
                try hold(header.payloadBytes <= limit, "a payload of \(header.payloadBytes) bytes is let through")
                try hold(
                    FuzzTargets.header(type: header.type, count: header.payloadBytes)
                        == Array(input[start..<payload]), "a header is written in another way than it is read")
                guard header.payloadBytes <= input.count - payload else { break }
                start = payload + header.payloadBytes
            }
        }
    }

    private static func header(type: UInt8, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: FrameHeader.byteCount)
        bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            FrameHeader(type: type, payloadBytes: count).write(to: start)
        }
        return bytes
    }
}
