import SyncModel
import Testing

/// The small rules that records, stamps and stats hold by themselves.
@Suite struct RecordTests {
    private static let devices = (1...3).map { DeviceID(Bytes32([UInt8](repeating: $0, count: 32)) ?? .zero) }

    private static var stamps: [Stamp] {
        [0, 1, 2, Limits.stampCounter].flatMap { counter in
            devices.map { Stamp(counter: counter, device: $0) }
        }
    }

    @Test func stampsAreOrderedByCounterThenDevice() {
        let stamps = Self.stamps
        #expect(stamps.shuffled().sorted() == stamps)
        for (left, right) in zip(stamps, stamps.dropFirst()) { #expect(left < right && !(right < left)) }
    }

    /// The last writer wins, in whatever order what was written is heard of.
    @Test func theLatestDoesNotDependOnTheOrder() {
        let values = Self.stamps.enumerated().map { Stamped($0, at: $1) }
        for left in values {
            for right in values {
                #expect(left.latest(right) == right.latest(left))
                #expect(left.latest(right).value == max(left.value, right.value))
                for third in values {
                    #expect(left.latest(right).latest(third) == left.latest(right.latest(third)))
                }
            }
        }
    }

    @Test func momentsAreOrderedAlsoBeforeTheEpoch() {
        let moments = [(-2, 999_999_999), (-1, 0), (-1, 1), (0, 0), (0, 999_999_999), (1, 0)].map {
            Timestamp(seconds: Int64($0.0), nanoseconds: UInt32($0.1))
        }
        #expect(moments.shuffled().sorted() == moments)
    }

    @Test func modesKeepTheLowestNineBits() {
        #expect(FileMode(0o7644) == FileMode.file)
        #expect(FileMode(.max).bits == 0o777)
        for bits in UInt16(0)...0o777 { #expect(FileMode(bits | 0o4000).bits == bits) }
    }

    @Test func contentsKnowWhatTheyAre() {
        let file = Content.file(FileContent(size: 7, hash: ContentHash(.zero)))
        let all: [(Content, isDeleted: Bool, isDirectory: Bool, size: UInt64)] = [
            (file, false, false, 7), (.directory, false, true, 0), (.symlink(target: [0x61]), false, false, 0),
            (.deleted(movedTo: nil), true, false, 0),
        ]
        for (content, isDeleted, isDirectory, size) in all {
            #expect(content.isDeleted == isDeleted && content.isDirectory == isDirectory && content.size == size)
        }
    }

    private static let entry = DiskState(
        kind: .file, device: 1, inode: 2, size: 3, modified: Timestamp(seconds: 4, nanoseconds: 5),
        changed: Timestamp(seconds: 6, nanoseconds: 7), mode: 0o644, links: 1)

    /// Each field that a write can't leave as it was is looked at, and no other.
    @Test func contentIsTakenForTheSameByItsStat() {
        let base = Self.entry
        #expect(base.sameContent(as: base))
        func changed(_ change: (inout DiskState) -> Void) -> DiskState {
            var state = base
            change(&state)
            return state
        }
        let later = Timestamp(seconds: 4, nanoseconds: 6)
        for other in [
            changed { $0.kind = .symlink }, changed { $0.device += 1 }, changed { $0.inode += 1 },
            changed { $0.size += 1 }, changed { $0.modified = later }, changed { $0.changed = later },
        ] {
            #expect(!base.sameContent(as: other) && !other.sameContent(as: base))
        }
        for other in [changed { $0.mode = 0o600 }, changed { $0.links = 2 }] { #expect(base.sameContent(as: other)) }
    }

    @Test func ofADirectoryOnlyItsIdentityCounts() {
        var directory = Self.entry
        directory.kind = .directory
        var other = directory
        (other.size, other.modified, other.changed) = (9, Timestamp(seconds: 9, nanoseconds: 9), other.modified)
        #expect(directory.sameContent(as: other))
        other.inode += 1
        #expect(!directory.sameContent(as: other))
    }

    /// What is flushed is applied already (rule 27).
    @Test func needsAreCountedButForUnflushedOnes() {
        var needs: [NeedState: NeedCount] = [:]
        for (index, state) in NeedState.allCases.enumerated() {
            needs[state] = NeedCount(needs: 1 << index, bytes: 100 << UInt64(index))
        }
        let status = IndexStatus(
            folder: FolderID(high: 0, low: 1), device: Self.devices[0], epoch: IndexEpoch(1), nextEdit: 1,
            mark: LogMark(sequence: 0, hash: .zero), stampCounter: 0, frontier: VersionVector(), files: 0,
            directories: 0, symlinks: 0, bytes: 0, tombstones: 0, conflicts: 0, needs: needs)
        let all = NeedState.allCases.indices.reduce(0) { $0 + 1 << $1 }
        let unflushed = NeedState.allCases.firstIndex(of: .unflushed).map { 1 << $0 } ?? 0
        #expect(status.needFiles == all - unflushed)
        #expect(status.needBytes == UInt64(100 * (all - unflushed)))
    }

    /// Sizes come from peers: a sum beyond 2^64 is wrong, and no trap.
    @Test func sizesThatMakeNoSenseDoNotEndTheProcess() {
        var status = IndexStatus(
            folder: FolderID(high: 0, low: 1), device: Self.devices[0], epoch: IndexEpoch(1), nextEdit: 1,
            mark: LogMark(sequence: 0, hash: .zero), stampCounter: 0, frontier: VersionVector(), files: 0,
            directories: 0, symlinks: 0, bytes: 0, tombstones: 0, conflicts: 0, needs: [:])
        #expect(status.needFiles == 0 && status.needBytes == 0)
        status.needs = [.wanted: NeedCount(needs: 1, bytes: .max), .blocked: NeedCount(needs: 1, bytes: 2)]
        #expect(status.needFiles == 2 && status.needBytes == 1)
    }

    @Test func whoHasTheContent() {
        let matches: [(NeedSource.Match, Bool)] = [(.none, false), (.content, true), (.record, true)]
        for (match, has) in matches {
            #expect(NeedSource(device: Self.devices[0], sequence: 1, match: match).hasContent == has)
        }
    }

    /// These words stand in databases, in JSON and on command lines.
    @Test func wordsAndNumbersThatAreKept() {
        #expect(Role.allCases.map(\.rawValue) == ["read-write", "read-only", "archive", "keeper"])
        #expect(NeedState.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6])
        let standings: [IndexRow.Standing] = [.agreed, .found, .old]
        #expect(standings.map(\.rawValue) == [0, 1, 2])
        let kinds: [EntryKind] = [.file, .directory, .symlink, .other]
        #expect(kinds.map(\.rawValue) == [1, 2, 3, 4])
    }
}
