import ModelFolder
import SyncCore
import SyncModel
import Testing

/// One law a test, on small named records.
@Suite struct MergeTests {
    private let path = samplePath("p")

    private func record(
        _ content: Content, _ seen: [(UInt64, UInt64)], edits: UInt64 = 1, stamp: UInt64 = 1
    ) -> FileRecord {
        let origins = seen.map { Origin(author: sampleAuthor($0.0), counter: $0.1) }
        var record = FileRecord(
            path: path, content: content, version: VersionVector(origins), origin: origins[0], edits: edits)
        let time = Stamp(counter: stamp, device: sampleDevice(seen[0].0))
        record.mode = content.isDeleted ? nil : Stamped(.file, at: time)
        return record
    }

    @Test func aOneSidedChangeNeverConflicts() {
        let old = record(sampleFile(1), [(1, 1)])
        let new = record(sampleFile(2), [(2, 1), (1, 1)], edits: 2)
        #expect(merge(old, new).record.content == new.content)
        #expect(merge(old, new).loser == nil)
    }

    @Test func equalContentNeverConflicts() {
        let merged = merge(record(sampleFile(1), [(1, 1)]), record(sampleFile(1), [(2, 1)]))
        #expect(merged.loser == nil)
        #expect(merged.record.version.entries.count == 2)
    }

    @Test func moreEditsWinThenTheLargerContent() {
        let more = record(sampleFile(1), [(1, 2)], edits: 2)
        let fewer = record(sampleFile(2), [(2, 9)], edits: 1)
        #expect(merge(more, fewer).record.content == more.content)
        #expect(merge(more, fewer).loser == fewer)
        let (one, other) = (record(sampleFile(3), [(1, 1)]), record(sampleFile(4), [(2, 1)]))
        let (renamed, swapped) = (record(sampleFile(3), [(2, 1)]), record(sampleFile(4), [(1, 1)]))
        #expect(merge(one, other).record.content == merge(renamed, swapped).record.content)
    }

    @Test func editBeatsDelete() {
        let merged = merge(record(.deleted(movedTo: nil), [(1, 2)], edits: 9), record(sampleFile(2), [(2, 1)]))
        #expect(merged.record.content == sampleFile(2))
        #expect(merged.loser == nil)
    }

    @Test func aDeletionDoesNotStrengthenWhatItLostTo() {
        let deleted = record(.deleted(movedTo: nil), [(1, 2)], edits: 9)
        let weak = record(sampleFile(2), [(2, 1)], edits: 1)
        let strong = record(sampleFile(3), [(3, 1)], edits: 2)
        #expect(merge(merge(deleted, weak).record, strong).record.content == strong.content)
        #expect(merge(deleted, merge(weak, strong).record).record.content == strong.content)
    }

    @Test func whatADeletionHasSeenDoesNotComeBackByAnotherDeletion() {
        let content = record(sampleFile(2), [(1, 1)])
        let other = record(.deleted(movedTo: nil), [(2, 2)], edits: 2)
        let deleted = record(.deleted(movedTo: nil), [(1, 2)], edits: 2)
        #expect(merge(merge(content, other).record, deleted).record.isDeleted)
        #expect(merge(deleted, merge(content, other).record).record.isDeleted)
    }

    @Test func whatWasReplacedIsNoConflictAfterAnotherConflict() {
        let (content, weaker) = (record(sampleFile(2), [(1, 1)], edits: 5), record(sampleFile(3), [(2, 1)]))
        let replacing = record(sampleFile(4), [(1, 2)], edits: 6)
        let merged = merge(merge(content, weaker).record, replacing)
        #expect(merged.record.content == replacing.content)
        #expect(merged.loser == nil)
    }

    @Test func anEditFollowsAConcurrentMove() {
        let moved = record(.deleted(movedTo: samplePath("q")), [(1, 2)], edits: 2)
        let edit = record(sampleFile(2), [(2, 1), (1, 1)], edits: 2)
        let merged = merge(moved, edit)
        #expect(merged.record.content == moved.content)
        #expect(merged.relocation?.edit == edit && merged.relocation?.target == samplePath("q"))
        #expect(merged.relocation?.move == moved.origin)
    }

    /// A directory was renamed and renamed back, and who brought the file back had not heard that it had left: both are
    /// one content, under either origin.
    @Test(arguments: [(1, 3), (3, 1)] as [(UInt64, UInt64)])
    func whatCameBackOutlivesTheMoveThatTookItAway(first: UInt64, second: UInt64) {
        let stood = record(sampleFile(1), [(first, 1)])
        let left = record(.deleted(movedTo: samplePath("q")), [(2, 1), (first, 1)], edits: 2)
        var back = record(sampleFile(1), [(second, 1)])
        back.movedFrom = MoveSource(path: samplePath("q"), origin: left.origin)
        for order in [[stood, back, left], [back, stood, left], [left, back, stood], [stood, left, back]] {
            let merged = merge(merge(order[0], order[1]).record, order[2])
            #expect(merged.record.content == sampleFile(1) && merged.relocation == nil)
            #expect(merge(order[2], merge(order[0], order[1]).record).record == merged.record)
        }
        // Who moves it away once more has seen that it came back.
        let again = record(.deleted(movedTo: samplePath("q")), [(2, 5), (first, 1), (second, 1)], edits: 3)
        #expect(merge(merge(stood, back).record, again).record.isDeleted)
    }

    @Test func whatSharesNoHistoryWithAMoveDoesNotFollowIt() {
        let moved = record(.deleted(movedTo: samplePath("q")), [(1, 2)], edits: 2)
        #expect(merge(moved, record(sampleFile(2), [(2, 1)])).record.content == sampleFile(2))
    }

    @Test func whatHasSeenAMoveDoesNotFollowIt() {
        let move = Origin(author: sampleAuthor(1), counter: 2)
        var moved = record(.deleted(movedTo: samplePath("q")), [(1, 2)], edits: 2)
        moved.version = moved.version.inserting(Origin(author: sampleAuthor(3), counter: 1))
        let later = record(sampleFile(2), [(2, 1), (1, 2)], edits: 3)
        #expect(later.version.covers(move))
        #expect(merge(moved, later).record.content == later.content)
        #expect(merge(moved, later).relocation == nil)
    }

    @Test func aDirectoryDoesNotFollowTheMoveOfAFile() {
        let moved = record(.deleted(movedTo: samplePath("q")), [(1, 2)])
        #expect(merge(moved, record(.directory, [(2, 1)])).record.content == .directory)
    }

    @Test func theSmallerOriginsMoveWins() {
        let first = record(.deleted(movedTo: samplePath("q")), [(1, 2)])
        let second = record(.deleted(movedTo: samplePath("r")), [(2, 2)])
        let winner = first.origin < second.origin ? first : second
        let loser = winner == first ? second : first
        for merged in [merge(first, second), merge(second, first)] {
            #expect(merged.record.content == winner.content)
            #expect(loser.content == .deleted(movedTo: merged.superseded?.path))
        }
    }

    @Test func ofOneEditThatWasHeardOfInTwoWaysTheHintsAgree() {
        var (left, right) = (record(sampleFile(1), [(1, 2)]), record(sampleFile(1), [(1, 2)]))
        left.movedFrom = MoveSource(path: samplePath("q"), origin: left.origin)
        right.movedFrom = MoveSource(path: samplePath("r"), origin: left.origin)
        #expect(merge(left, right).record == merge(right, left).record)
        right.movedFrom = left.movedFrom
        left.lineage = [Place(path: samplePath("q"), arrival: left.origin)]
        right.lineage = [Place(path: samplePath("q"), arrival: left.origin, edit: left.origin)]
        #expect(merge(left, right).record == merge(right, left).record)
        right.lineage = left.lineage
        right.movedFrom = nil
        #expect(merge(left, right).record == left && merge(right, left).record == left)
    }

    @Test func aDirectoryWinsOverAFileThatBecomesACopy() {
        let directory = record(.directory, [(1, 1)])
        let file = record(sampleFile(1), [(2, 1)], edits: 7)
        #expect(merge(file, directory).record.content == .directory)
        #expect(merge(file, directory).loser == file)
    }

    @Test func theLastSetMetadataWinsAndMissingOnesLose() {
        let old = record(sampleFile(1), [(1, 1)], stamp: 5)
        var new = record(sampleFile(2), [(2, 1), (1, 1)], stamp: 1)
        #expect(merge(old, new).record.mode == old.mode)
        new.mode = nil
        #expect(merge(new, old).record.mode == old.mode)
    }

    @Test func mtimeFollowsTheContentUnlessTheContentIsEqual() {
        var old = record(sampleFile(1), [(1, 1)])
        old.modified = Stamped(Timestamp(seconds: 1, nanoseconds: 0), at: Stamp(counter: 9, device: sampleDevice(1)))
        var new = record(sampleFile(2), [(2, 1), (1, 1)])
        new.modified = Stamped(Timestamp(seconds: 2, nanoseconds: 0), at: Stamp(counter: 3, device: sampleDevice(2)))
        #expect(merge(old, new).record.modified == new.modified)
        new.content = old.content
        #expect(merge(old, new).record.modified == old.modified)
    }

    @Test func copiesAreDerivedFromTheLoserAlone() {
        var loser = record(sampleFile(1), [(1, 3), (2, 8)], edits: 4)
        let copy = conflictCopy(of: loser, at: samplePath("copy"))
        #expect(copy.version == VersionVector(copy.origin))
        #expect(copy.origin.author.device == loser.origin.author.device && copy.origin.author != loser.origin.author)
        loser.version = loser.version.inserting(Origin(author: sampleAuthor(3), counter: 1))
        #expect(conflictCopy(of: loser, at: samplePath("copy")) == copy)
        #expect(merge(copy, copy).loser == nil)
    }
}
