import SyncModel
import WireProtocol
import WireVectors

extension FuzzTargets {
    /// A frame: the type, then the payload.
    static let wire = FuzzTarget("wire") {
        try VectorFile.load().map { [$0.type] + $0.payload }
    } check: { input in
        guard let type = input.first else { return }
        try checkFrame(Frame(type: type, payload: Array(input.dropFirst())))
    }

    /// A message is written as it was read, or shorter where it held extensions that are passed over.
    static func checkFrame(_ frame: Frame) throws {
        guard let message = try? WireCodec.decode(frame) else { return }
        let again = try written(message)
        try hold(again.type == frame.type, "a message of type \(frame.type) is written as \(again.type)")
        try hold(
            again.payload == frame.payload || again.payload.count < frame.payload.count,
            "\(message.type): another encoding of the same length is read")
        let reread = try WireCodec.decode(again)
        try hold(reread == message, "\(message.type): what is written is not what was read")
        if case .indexBatch(let batch) = message {
            try hold(batch.entries.count <= Limits.batchRecords, "\(batch.entries.count) entries in a batch")
        }
    }

    /// What was read can be written.
    static func written(_ message: Message) throws -> Frame {
        do { return try WireCodec.encode(message) } catch {
            throw Broken("\(message.type) is read but not written: \(error)")
        }
    }
}
