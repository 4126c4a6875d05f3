import Cryptography
import SyncCore
import SyncModel
import WireProtocol
import WireVectors

extension FuzzTargets {
    /// A batch, of whose records a directory's move is told by one entry where that says the same.
    static let moves = FuzzTarget("moves", heapBytes: { 2_048 * $0 + 1 << 20 }) {
        let origin = Origin(author: Author(device: DeviceID(.zero), epoch: IndexEpoch(1)), counter: 9)
        let made = try (0..<12).flatMap { number -> [FileRecord] in
            let source = FileRecord(
                path: try RelativePath("from/\(number)"), content: .directory, version: VersionVector(origin),
                origin: origin, edits: 1)
            let moved = MovedEntry(source, to: try RelativePath("to/\(number)"), replacing: nil, origin: origin)
            return [moved.arrived, moved.left]
        }
        return [try WireCodec.encode(batch(of: made.sorted { $0.path < $1.path })).payload]
            + (try VectorFile.load().filter { $0.type == MessageType.indexBatch.rawValue }.map(\.payload))
    } check: { input in
        let frame = Frame(type: MessageType.indexBatch.rawValue, payload: input)
        guard case .indexBatch(let batch)? = try? WireCodec.decode(frame) else { return }
        let records = batch.entries.compactMap { entry -> FileRecord? in
            if case .record(let record, _) = entry.item { record } else { nil }
        }
        try checkParts(records)
        try checkMoved(records)
    }

    /// What the parts of a log stand for adds up to it.
    private static func checkParts(_ records: [FileRecord]) throws {
        var left = records
        while !left.isEmpty {
            let part = LogPart.next(of: left, isLast: true, least: 1) { SHA256.hash($0) }
            switch part {
            case .records(let count):
                try hold(count > 0 && count <= left.count, "\(count) of \(left.count) records are taken")
                left.removeFirst(count)
            case .move(let move, let count):
                try hold(Int(move.count) * 2 == count && count <= left.count, "a move stands for \(count) records")
                for record in left[..<count] where record.isDeleted {
                    try hold(
                        record.content == .deleted(movedTo: move.target(of: record.path)), "a move leads elsewhere")
                }
                let entry = IndexEntry(sequence: 1, item: .move(move))
                let told = Message.indexBatch(
                    IndexBatch(
                        folder: FolderID(high: 0, low: 0), epoch: IndexEpoch(0), after: 0, upTo: 1, head: 1, mark: nil,
                        frontier: nil, entries: [entry]))
                try hold(try WireCodec.decode(try written(told)) == told, "a move is read as another")
                left.removeFirst(count)
            }
        }
    }

    /// What a move makes of records that came can be told.
    private static func checkMoved(_ records: [FileRecord]) throws {
        for (source, other) in zip(records, records.dropFirst()) where !source.isDeleted && source.path != other.path {
            guard !other.path.isBelow(source.path), !source.path.isBelow(other.path) else { continue }
            let author = Author(device: DeviceID(.zero), epoch: IndexEpoch(7))
            let origin = Origin(author: author, counter: 1 + source.version[author] / 2)
            guard !source.version.covers(origin), !other.version.covers(origin) else { continue }
            let moved = MovedEntry(
                source, to: other.path, replacing: other.isDeleted ? other : nil, origin: origin)
            for record in [moved.arrived, moved.left] where record.edits <= Limits.counter {
                try hold(
                    try RecordEncoding.decode(try encoded(record)) == record, "what a move makes is read as another")
            }
        }
    }

    private static func batch(of records: [FileRecord]) -> Message {
        let entries = records.enumerated().map { number, record in
            IndexEntry(sequence: IndexSequence(number + 1), item: .record(record, inline: nil))
        }
        let last = IndexSequence(records.count)
        return .indexBatch(
            IndexBatch(
                folder: FolderID(high: 1, low: 2), epoch: IndexEpoch(0), after: 0, upTo: last, head: last, mark: nil,
                frontier: nil, entries: entries))
    }
}
