import SeededRandom
import SyncModel

@testable import SQLiteIndex

/// Any value that the model allows, small ones being likely.
extension SeededGenerator {
    mutating func bytes(_ counts: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: counts, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func name() -> [UInt8] {
        let alphabet: [UInt8] = [0x01, 0x20, 0x2d, 0x2e, 0x30, 0x61, 0x62, 0x7a, 0xc3, 0xff]
        let name = (0..<Int.random(in: 1...4, using: &self)).map { _ in alphabet.randomElement(using: &self) ?? 0x61 }
        return name == [0x2e] || name == [0x2e, 0x2e] ? [0x61] : name
    }

    mutating func path() throws -> RelativePath {
        let components = (0..<Int.random(in: 1...4, using: &self)).map { _ in name() }
        return try RelativePath(Array(components.joined(separator: [0x2f])))
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func number(_ limit: UInt64) -> UInt64 {
        chance(50) ? UInt64.random(in: 0...300, using: &self) : UInt64.random(in: 0...limit, using: &self)
    }

    mutating func anyDevice() -> DeviceID { device(UInt64.random(in: 1...6, using: &self)) }

    mutating func origin() -> Origin {
        let epochs: [UInt64] = [0, 7, .max]
        let epoch = IndexEpoch(epochs.randomElement(using: &self) ?? 0)
        return Origin(
            author: Author(device: anyDevice(), epoch: epoch), counter: max(1, number(Limits.counter - 1)))
    }

    mutating func vector() -> VersionVector {
        VersionVector((0..<Int.random(in: 0...5, using: &self)).map { _ in origin() })
    }

    mutating func stamp() -> Stamp { Stamp(counter: number(Limits.stampCounter), device: anyDevice()) }

    mutating func time() -> Timestamp {
        Timestamp(
            seconds: chance(70)
                ? Int64.random(in: 0...4_000_000_000, using: &self)
                : Int64.random(
                    in: -(1 << 62)...(1 << 62), using: &self),
            nanoseconds: UInt32.random(in: 0..<1_000_000_000, using: &self))
    }

    mutating func content() throws -> Content {
        switch Int.random(in: 0..<6, using: &self) {
        case 0: .deleted(movedTo: chance(50) ? try path() : nil)
        case 1: .directory
        case 2: .symlink(target: bytes(1...80))
        default: .file(FileContent(size: number(Limits.fileBytes), hash: ContentHash(hash(next()))))
        }
    }

    mutating func record(_ path: RelativePath) throws -> FileRecord {
        let origin = origin()
        let first = chance(50)
        var record = FileRecord(
            path: path, content: try content(),
            version: first ? VersionVector(origin) : vector().inserting(origin), origin: origin, edits: number(1 << 40))
        let shared = stamp()
        if chance(70) { record.modified = Stamped(time(), at: shared) }
        if chance(70) {
            record.mode = Stamped(
                FileMode(UInt16.random(in: 0...0o777, using: &self)), at: chance(50) ? shared : stamp())
        }
        if chance(30) {
            record.attributes = (0..<3).map { index in
                let value = chance(30) ? nil : bytes(0...40)
                return ExtendedAttribute(name: Array("user.\(index)".utf8), value: Stamped(value, at: stamp()))
            }
        }
        if chance(20) { record.movedFrom = MoveSource(path: try self.path(), origin: self.origin()) }
        if chance(20) { record.conflictOf = try self.path() }
        if chance(20) {
            record.lineage = try (0..<3).map { index in
                Place(
                    path: index == 2 ? path : try self.path(), arrival: self.origin(),
                    edit: chance(50) ? self.origin() : nil)
            }
        }
        return record
    }

    mutating func disk(_ record: FileRecord) -> DiskState? {
        if chance(30) { return nil }
        let kinds: [EntryKind] = [.file, .directory, .symlink, .other]
        var disk = stat(of: record, inode: next())
        if chance(50) {
            disk = DiskState(
                kind: kinds.randomElement(using: &self) ?? .file, device: next(), inode: next(), size: next(),
                modified: time(), changed: time(), mode: UInt16.random(in: 0...0o7777, using: &self),
                links: UInt32.random(in: 0...UInt32.max, using: &self))
        }
        return disk
    }

    mutating func row(_ path: RelativePath, sequence: IndexSequence) throws -> IndexRow {
        let record = try record(path)
        return IndexRow(
            record: record, sequence: sequence, disk: disk(record), source: chance(50) ? anyDevice() : nil)
    }

    mutating func need(_ path: RelativePath) throws -> Need {
        let states = NeedState.allCases
        let state = states.randomElement(using: &self) ?? .wanted
        let sources = (1...6).filter { _ in chance(40) }.map {
            NeedSource(
                device: device($0), sequence: 1 + number(1 << 40),
                match: chance(50) ? .record : chance(50) ? .content : .none)
        }
        return Need(
            target: try record(path), sources: sources, state: state, reason: state == .blocked ? "ünreadable" : nil)
    }

    /// Different paths.
    mutating func paths(_ count: Int) throws -> [RelativePath] {
        var paths: Set<RelativePath> = []
        while paths.count < count { paths.insert(try path()) }
        return paths.sorted().shuffled(using: &self)
    }
}
