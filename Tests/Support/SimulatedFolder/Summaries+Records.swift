import ModelFolder
import SyncCore
import SyncEngine
import SyncModel
import WireProtocol

/// Records and what they are made of in a few letters, for traces. A device is `d0` as in the world; other authors, the
/// stand-ins of those, are the first digits of their identifiers.
extension FileRecord {
    var summary: String {
        let source = movedFrom.map { " from \($0.path)" } ?? ""
        return "\(path) \(content.short) \(version.short) by \(origin.short)\(source)"
            + (conflictOf.map { " copy of \($0)" } ?? "")
            + (attributes.isEmpty ? "" : " \(attributes.map { "\($0.value.value ?? [])@\($0.value.stamp.counter)" })")
    }
}

extension Content {
    var short: String {
        switch self {
        case .file(let file): "f\(file.hash.description.prefix(6))"
        case .symlink(let target): "link \(String(decoding: target, as: UTF8.self))"
        case .directory: "dir"
        case .deleted(let target): target.map { "moved to \($0)" } ?? "deleted"
        }
    }
}

extension Author {
    private static let numbers = Dictionary(
        (0..<16).map { (sampleDevice($0), $0) }, uniquingKeysWith: { first, _ in first })

    var short: String {
        guard let number = Author.numbers[device] else { return "\(device.short.prefix(4))" }
        let life = Int(truncatingIfNeeded: epoch.number) - Int(number) * 1_000
        if life == 1 { return "d\(number)" }
        // Who stands for a device in copies and in what followed a move.
        return (1..<1_000_000).contains(life) ? "d\(number)'\(life)" : "d\(number)~\(UInt16(truncatingIfNeeded: life))"
    }
}

extension Origin {
    var short: String { "\(author.short).\(counter)" }
}

extension VersionVector {
    var short: String { "[\(entries.map(\.short).joined(separator: " "))]" }
}

extension Observation {
    var summary: String {
        switch found {
        case .absent: "\(path) gone" + (movedTo.map { " to \($0)" } ?? "")
        case .directory(let disk, let attributes):
            "\(path) dir i\(disk.inode)" + (attributes.isEmpty ? "" : " \(attributes.map(\.value))")
        case .file(let disk, let file, _): "\(path) \(Content.file(file).short) i\(disk.inode)"
        case .symlink(let disk, let target): "\(path) \(Content.symlink(target: target).short) i\(disk.inode)"
        }
    }
}

extension WireProtocol.IndexEntry {
    var summary: String {
        switch item {
        case .record(let record, _): "#\(sequence) \(record.summary)"
        case .move(let move): "#\(sequence) \(move.from) with \(move.count) to \(move.to) by \(move.origin.short)"
        }
    }
}
