import ModelFolder
import SyncCore
import SyncModel
import Testing

/// Deletions that every member has covered say nothing of what has not seen them (rule 7).
@Suite struct ForgottenTests {
    private let path = samplePath("p")
    private let cut = VersionVector([origin(1, 5), origin(2, 5)])

    private static func origin(_ author: UInt64, _ counter: UInt64) -> Origin {
        Origin(author: sampleAuthor(author), counter: counter)
    }

    private func record(_ content: Content, _ seen: [(UInt64, UInt64)], edits: UInt64 = 1) -> FileRecord {
        let origins = seen.map { Self.origin($0.0, $0.1) }
        return FileRecord(
            path: path, content: content, version: VersionVector(origins), origin: origins[0], edits: edits)
    }

    /// Else a later deletion, made where the first was forgotten, would not have seen what became of both.
    @Test func whatWasMadeAfterwardsStaysAsItWasMade() {
        let made = record(sampleFile(1), [(1, 9)])
        for target in [nil, samplePath("q")] {
            let forgotten = record(.deleted(movedTo: target), [(2, 5), (1, 1)], edits: 3)
            for merged in [merge(made, forgotten, cut: cut), merge(forgotten, made, cut: cut)] {
                #expect(merged.record == made)
                #expect(merged.loser == nil && merged.relocation == nil)
            }
            let later = record(.deleted(movedTo: nil), [(1, 10)], edits: 2)
            #expect(merge(merge(forgotten, made, cut: cut).record, later, cut: cut).record.isDeleted)
            #expect(merge(forgotten, later, cut: cut).record == later)
            #expect(merge(later, forgotten, cut: cut).record == later)
        }
    }

    @Test func whatItHasSeenStaysDeleted() {
        let old = record(sampleFile(1), [(1, 1)])
        let forgotten = record(.deleted(movedTo: nil), [(2, 5), (1, 1)], edits: 2)
        #expect(merge(old, forgotten, cut: cut).record == forgotten)
        #expect(merge(forgotten, old, cut: cut).record == forgotten)
    }

    /// One that somebody may not have covered is merged as ever.
    @Test func aDeletionBeyondTheCutLosesToAnEditAndMovesIt() {
        let edit = record(sampleFile(1), [(1, 9)])
        let deletion = record(.deleted(movedTo: nil), [(2, 6)])
        #expect(!deletion.isForgotten(by: cut))
        #expect(merge(edit, deletion, cut: cut).record.version.entries.count == 2)
        let moved = record(.deleted(movedTo: samplePath("q")), [(2, 6), (1, 1)])
        #expect(merge(edit, moved, cut: cut).relocation != nil)
    }

    @Test func nothingIsTakenWhereNothingIsLeftToDelete() {
        let context = EditContext(author: sampleAuthor(3), counter: 0, stampCounter: 0)
        let forgotten = record(.deleted(movedTo: nil), [(2, 5)])
        let nothing: [RelativePath: FileRecord?] = [path: FileRecord?.none]
        func targets(_ incoming: FileRecord, _ view: [RelativePath: FileRecord?]) -> [RelativePath: FileRecord] {
            reconcile([incoming], view: view, context: context, cut: cut) { $0.path }.targets
        }
        #expect(targets(forgotten, nothing).isEmpty)
        #expect(targets(record(.deleted(movedTo: nil), [(2, 6)]), nothing).count == 1)
        #expect(targets(forgotten, [path: record(sampleFile(1), [(2, 4)])])[path]?.isDeleted == true)
        #expect(targets(forgotten, [path: record(sampleFile(1), [(1, 9)])]).isEmpty)
    }

    @Test func foundEntriesAreAskedAboutOnceDeletionsAreForgotten() {
        func entry(_ content: Content, _ standing: IndexRow.Standing, _ isForgetful: Bool) -> FoundEntry {
            let row = IndexRow(
                record: record(content, [(1, 1)]), sequence: 1, disk: nil, source: nil, standing: standing)
            return FoundEntry(row, need: nil, isForgetful: isForgetful)
        }
        for content in [sampleFile(1), .directory, .symlink(target: [65])] {
            #expect(entry(content, .found, false) == .new)
            #expect(entry(content, .found, true) == .asked)
            #expect(entry(content, .old, true) == .deleted)
            #expect(entry(content, .agreed, true) == .left)
        }
    }

    @Test func theGreatestVectorThatBothCover() {
        let one = VersionVector([Self.origin(1, 5), Self.origin(2, 1)])
        let other = VersionVector([Self.origin(1, 3), Self.origin(3, 1)])
        #expect(one.met(with: other) == VersionVector(Self.origin(1, 3)))
        #expect(one.covers(one.met(with: other)) && other.covers(one.met(with: other)))
        #expect(one.met(with: VersionVector()).isEmpty)
    }
}
