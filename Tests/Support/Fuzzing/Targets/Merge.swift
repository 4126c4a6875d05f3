import SyncCore
import SyncModel
import WireProtocol

extension FuzzTargets {
    /// Two records of one path, each a piece.
    static let merge = FuzzTarget("merge", heapBytes: { 1_024 * $0 + 1 << 20 }) {
        let encodings = try records().map { try RecordEncoding.encode($0) }
        return zip(encodings, encodings.dropFirst()).map { Pieces.piece($0) + Pieces.piece($1) }
    } check: { input in
        var pieces = Pieces(input)
        guard let left = try? RecordEncoding.decode(pieces.piece()),
            var right = try? RecordEncoding.decode(pieces.piece())
        else { return }
        right.path = left.path
        let (one, other) = (SyncCore.merge(left, right), SyncCore.merge(right, left))
        try hold(one.record.content == other.record.content, "the order of hearing decides about the content")
        try hold(one.record.version == other.record.version, "the order of hearing decides about the version")
        try hold(one.record.edits == other.record.edits, "the order of hearing decides about the edits")
        try hold(one.loser?.content == other.loser?.content, "the order of hearing decides about the loser")
        try hold(
            one.record.version.covers(left.version) && one.record.version.covers(right.version),
            "what was merged is not covered")
        let again = SyncCore.merge(one.record, one.record)
        try hold(again.record == one.record && again.loser == nil, "merged with itself it is another")
        // What is beyond the bounds together is not taken (`Limits.mergedEntries`).
        guard one.record.version.entries.count <= Limits.vectorEntries else { return }
        _ = try? RecordEncoding.encode(one.record)
    }
}
