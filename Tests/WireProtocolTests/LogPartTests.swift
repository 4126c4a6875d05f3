import SyncModel
import Testing
import WireProtocol

/// Which records of a log are told by one entry: only those that the receiver can make of its own.
@Suite struct LogPartTests {
    private static let author = Author(device: DeviceID(.zero), epoch: IndexEpoch(1))
    private static func origin(_ counter: UInt64) -> Origin { Origin(author: author, counter: counter) }

    private static func path(_ text: String) -> RelativePath {
        guard let path = try? RelativePath(text) else { preconditionFailure() }
        return path
    }

    /// The two ends of a move, in one edit.
    private static func ends(_ from: String, _ to: String, _ counter: UInt64 = 9) -> [FileRecord] {
        var arrived = FileRecord(
            path: path(to), content: .directory, version: VersionVector(origin(counter)), origin: origin(counter),
            edits: 1)
        arrived.movedFrom = MoveSource(path: path(from), origin: origin(1))
        let left = FileRecord(
            path: path(from), content: .deleted(movedTo: path(to)), version: VersionVector(origin(counter)),
            origin: origin(counter), edits: 2)
        return [arrived, left]
    }

    private static func plain(_ name: String) -> FileRecord {
        FileRecord(
            path: path(name), content: .directory, version: VersionVector(origin(3)), origin: origin(3), edits: 1)
    }

    private func next(_ records: [FileRecord], isLast: Bool = true, least: Int = 2) -> LogPart {
        LogPart.next(of: records, isLast: isLast, least: least) { _ in .zero }
    }

    /// Live ones first, tombstones last, as a log has them.
    private static let moved =
        [ends("d", "e"), ends("d/x", "e/x"), ends("d/y/z", "e/y/z")].map { $0[0] }
        + [ends("d/y/z", "e/y/z"), ends("d/x", "e/x"), ends("d", "e")].map { $0[1] }

    @Test func allThatADirectoryHeldIsOneEntry() {
        let move = DirectoryMove(
            from: Self.path("d"), to: Self.path("e"), first: Self.path("d"), last: Self.path("d/y/z"), count: 3,
            digest: .zero, origin: Self.origin(9))
        #expect(next(Self.moved) == .move(move, 6))
        #expect(next(Self.moved + [Self.plain("f")], isLast: false) == .move(move, 6))
        #expect(next([Self.plain("a")] + Self.moved) == .records(1))
    }

    @Test func theTopmostMayBeElsewhere() {
        let records = Self.ends("s/d/x", "d/x") + Self.ends("s/d/y", "d/y")
        guard case .move(let move, 4) = next(records) else {
            Issue.record("not one entry")
            return
        }
        #expect("\(move.from) \(move.to) \(move.first) \(move.last)" == "s/d d s/d/x s/d/y")
        #expect(move.target(of: Self.path("s/d/x1")) == Self.path("d/x1"))
        #expect(move.target(of: Self.path("s/d")) == nil && move.target(of: Self.path("s/d/z")) == nil)
    }

    static let unlike: [(String, [FileRecord])] = [
        ("too few", ends("d", "e")),
        ("one end is missing", Array(moved.dropLast())),
        ("another edit", moved.dropLast() + [ends("d", "e", 8)[1]]),
        ("two directories", ends("d/x", "e/x") + ends("g/x", "h/x")),
        ("names of their own", ends("d/x", "e/x") + ends("d/y", "e/z")),
        ("into itself", ends("d/x", "d/d/x") + ends("d/y", "d/d/y")),
        ("no moves", ["a", "b", "c", "d"].map(plain)),
        (
            "deleted as well",
            moved + [
                FileRecord(
                    path: path("q"), content: .deleted(movedTo: nil), version: VersionVector(origin(9)),
                    origin: origin(9),
                    edits: 1)
            ]
        ),
    ]

    @Test(arguments: unlike.indices) func everythingElseIsToldByItsRecords(index: Int) {
        let (name, records) = Self.unlike[index]
        if case .move(_, let count) = next(records, isLast: name != "one end is missing") {
            #expect(name == "deleted as well" && count == 6, "\(name)")
        }
    }

    /// What may go on beyond what was read waits for the next batch, unless it fills one.
    @Test func whatIsCutOffIsNotTaken() {
        let half = Array(Self.moved.prefix(4))
        #expect(next([Self.plain("a")] + half, isLast: false) == .records(1))
        #expect(next(half, isLast: false) == .records(4))
        #expect(next(Self.moved, isLast: false) == .records(6))
    }
}
