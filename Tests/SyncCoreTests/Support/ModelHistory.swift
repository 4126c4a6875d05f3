import ModelFolder
import SeededRandom
import SyncCore
import SyncModel

/// Records of one path as devices could have made them: each an edit of one that its author held, or a merge.
struct ModelHistory {
    var generator: SeededGenerator
    var records: [FileRecord] = []
    private var counters: [UInt64] = [0, 0, 0]
    private var held: [FileRecord?] = [nil, nil, nil]
    private var stamp: UInt64 = 0
    let path = samplePath("p")

    /// - Parameter deleting: whether there are deletions, moves and directories, too.
    init(seed: UInt64, steps: Int, deleting: Bool) {
        generator = SeededGenerator(seed: seed)
        for _ in 0..<steps { step(deleting) }
    }

    private mutating func step(_ deleting: Bool) {
        let device = number(3)
        switch number(deleting ? 6 : 4) {
        case 0, 1: edit(device, deleting && number(5) == 0 ? .directory : sampleFile(UInt64(number(4))))
        case 2:
            guard var record = held[device], !record.isDeleted else { return }
            record.mode = Stamped(FileMode(UInt16(number(512))), at: nextStamp(device))
            if number(2) == 0, !record.content.isDirectory {
                record.modified = Stamped(Timestamp(seconds: Int64(number(9)), nanoseconds: 0), at: nextStamp(device))
            }
            hold(record, device)
        case 3:
            guard let other = held[number(3)] else { return }
            hold(held[device].map { merge($0, other).record } ?? other, device)
        case 4: edit(device, .deleted(movedTo: nil))
        default: edit(device, .deleted(movedTo: samplePath(["q", "r"][number(2)])))
        }
    }

    private mutating func edit(_ device: Int, _ content: Content) {
        if content.isDeleted, held[device]?.isDeleted ?? true { return }
        counters[device] += 1
        let origin = Origin(author: sampleAuthor(UInt64(device)), counter: counters[device])
        var record = FileRecord(
            path: path, content: content, version: (held[device]?.version ?? VersionVector()).inserting(origin),
            origin: origin, edits: (held[device]?.edits ?? 0) + 1)
        if !content.isDeleted {
            let time = Timestamp(seconds: Int64(number(9)), nanoseconds: 0)
            record.modified = content.isDirectory ? nil : Stamped(time, at: nextStamp(device))
            record.mode = held[device]?.mode ?? Stamped(.file, at: nextStamp(device))
        }
        hold(record, device)
    }

    private mutating func hold(_ record: FileRecord, _ device: Int) {
        held[device] = record
        records.append(record)
    }

    private mutating func nextStamp(_ device: Int) -> Stamp {
        stamp += 1
        return Stamp(counter: stamp, device: sampleDevice(UInt64(device)))
    }

    private mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

    /// One of the records.
    mutating func pick() -> FileRecord? { records.randomElement(using: &generator) }
}
