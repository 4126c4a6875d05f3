import Cryptography
import SyncModel
import WireProtocol
import WireVectors

extension FuzzTargets {
    /// One record by itself: equal records are equal bytes.
    static let record = FuzzTarget("record") {
        try records().map { try RecordEncoding.encode($0) }
    } check: { input in
        guard let record = try? RecordEncoding.decode(input) else { return }
        try hold(record.version.entries.count <= Limits.vectorEntries, "a version of too many entries")
        try hold(record.version.covers(record.origin), "a version that lacks its origin")
        try hold(record.attributes.count <= Limits.attributeCount, "too many attributes")
        try hold(record.lineage.count <= Limits.lineagePlaces, "too many places")
        let again = try encoded(record)
        try hold(again == input || again.count < input.count, "a record has two encodings of one length")
        try hold(try RecordEncoding.decode(again) == record, "a record is written as another")
    }

    /// Those of the vectors.
    static func records() throws -> [FileRecord] {
        try VectorFile.load().flatMap { vector -> [FileRecord] in
            guard vector.refusal == nil, let message = try WireCodec.decode(vector.frame) else { return [] }
            let entries: [IndexEntry] =
                switch message {
                case .indexBatch(let batch): batch.entries
                case .records(let records): records.entries
                default: []
                }
            return entries.compactMap { if case .record(let record, _) = $0.item { record } else { nil } }
        }
    }

    /// What was read, or made of what was read, can be written.
    static func encoded(_ record: FileRecord) throws -> [UInt8] {
        do { return try RecordEncoding.encode(record) } catch { throw Broken("a record can't be written: \(error)") }
    }
}
