import ModelFolder
import SyncCore
import SyncModel
import Testing

/// What a wave does, case by case.
@Suite struct PlanTests {
    private var leader = ModelDevice(0)
    private var follower = ModelDevice(1)
    private var user = ModelUser(seed: 1)

    /// Both hold these files, `1` the first's content, `2` the second's, and so on.
    private init(files: [String]) {
        for (index, file) in files.enumerated() {
            leader.disk.put(sampleFile(UInt64(index + 1)), at: samplePath(file))
        }
        tell()
        for _ in 0..<10 { _ = follower.wave(&user, percent: 100) }
        follower.stage = []
    }

    init() { self.init(files: ["a", "b", "d/x", "d/e/y"]) }

    private mutating func tell() {
        leader.observe()
        follower.receive(leader.log(for: 1, limit: .max))
    }

    /// The plan of all needs, whatever is staged.
    private func plan(only paths: [String]? = nil) -> Plan {
        let needs = follower.needs.values.sorted { $0.path < $1.path }
        return follower.plan(needs.filter { need in paths?.contains(need.path.description) ?? true })
    }

    private func rename(_ path: String, _ target: String, _ device: inout ModelDevice) {
        device.disk.rename(samplePath(path), to: samplePath(target))
    }

    @Test mutating func theSameContentWithAnotherVersionNeedsNoStep() {
        follower.disk.put(sampleFile(9), at: samplePath("c"))
        follower.observe()
        leader.disk.put(sampleFile(9), at: samplePath("c"))
        leader.observe()
        guard var record = leader.rows[samplePath("c")]?.record else { return }
        record.modified = follower.rows[samplePath("c")]?.record.modified
        record.mode = follower.rows[samplePath("c")]?.record.mode
        follower.receive([record])
        let plan = plan()
        #expect(plan.steps.isEmpty && plan.unchanged.map(\.need.path) == [samplePath("c")])
        let disk = follower.rows[samplePath("c")]?.disk
        #expect(plan.settle([]).rows.map(\.disk) == [disk])
    }

    @Test mutating func onlyWhatDiffersInMetadataIsSet() {
        leader.disk.change(samplePath("a"), mode: 0o600)
        tell()
        #expect(plan().steps.map(\.action) == [.setMetadata(EntryMetadata(mode: FileMode(0o600)))])
    }

    /// Of a directory only kind and inode are compared, so the step goes through beside it.
    @Test mutating func aChangeOfModeThatNoScanSawIsSeenAfterTheWave() {
        leader.disk.setAttribute(Array("user.x".utf8), [1], at: samplePath("d"))
        tell()
        follower.disk.change(samplePath("d"), mode: 0o700)
        _ = follower.wave(&user, percent: 100)
        follower.observe()
        #expect(follower.rows[samplePath("d")]?.record.mode?.value == FileMode(0o700))
    }

    @Test mutating func aDirectoryIsOneRenameWithAllThatIsInIt() {
        let inodes = follower.disk.entries.filter { $0.key.isBelow(samplePath("d")) }.map(\.value.state.inode).sorted()
        rename("d", "n", &leader)
        tell()
        let plan = plan(only: ["d", "n"])
        #expect(plan.steps.map(\.action) == [.move(to: samplePath("n"), EntryMetadata())])
        #expect(plan.carried == [CarriedDirectory(from: samplePath("d"), to: samplePath("n"))])
        _ = follower.wave(&user, percent: 100)
        #expect(follower.needs.isEmpty && follower.disk.history.isEmpty)
        #expect(follower.disk.differences(from: leader.disk).isEmpty)
        let after = follower.disk.entries.filter { $0.key.isBelow(samplePath("n")) }.map(\.value.state.inode).sorted()
        #expect(after == inodes)
    }

    @Test mutating func whatWentAlongIsNotDeletedAtItsOldPlace() {
        rename("d", "n", &leader)
        tell()
        let plan = plan(only: ["d", "d/e/y", "n"])
        #expect(plan.steps.count == 1 && plan.waiting[samplePath("d/e/y")] == .source(of: samplePath("n/e/y")))
    }

    @Test mutating func aDirectoryWithSomethingElseInItIsMovedFileByFile() {
        rename("d", "n", &leader)
        leader.observe()
        leader.disk.put(sampleFile(8), at: samplePath("n/x"))
        tell()
        #expect(plan().carried.map(\.from) == [samplePath("d/e")])
        for _ in 0..<10 { _ = follower.wave(&user, percent: 100) }
        #expect(follower.disk.differences(from: leader.disk).isEmpty && follower.needs.isEmpty)
    }

    @Test mutating func aMovedFileNeedsNoContent() {
        rename("a", "d/z", &leader)
        tell()
        #expect(follower.needs[samplePath("d/z")]?.state == .wanted)
        let plan = plan(only: ["d/z"])
        #expect(plan.steps.map(\.action) == [.move(to: samplePath("d/z"), EntryMetadata())])
        #expect(plan.items.map(\.paths.count) == [2])
    }

    @Test mutating func aSwapIsExchangedFromTheStage() {
        rename("a", "t", &leader)
        leader.observe()
        rename("b", "a", &leader)
        leader.observe()
        rename("t", "b", &leader)
        tell()
        #expect(plan().steps.isEmpty)
        #expect(plan().waiting.values.contains(.content))
        for _ in 0..<10 { _ = follower.wave(&user, percent: 100) }
        #expect(follower.disk.differences(from: leader.disk).isEmpty && follower.needs.isEmpty)
    }

    @Test mutating func anUnsyncedFileKeepsItsDirectory() {
        leader.disk.remove(samplePath("d/e"))
        tell()
        let plan = plan()
        #expect(plan.steps.map(\.path) == [samplePath("d/e/y"), samplePath("d/e")])
        let settled = plan.settle([.applied(nil), .notEmpty])
        #expect(settled.completed == [samplePath("d/e/y")])
        #expect(settled.blocked[samplePath("d/e")]?.kind == .notEmpty)
        #expect(settled.reobserve == [samplePath("d/e")])
        let retried = plan.settle([.changed, .notEmpty])
        #expect(retried.blocked.isEmpty && retried.retry == [samplePath("d/e"), samplePath("d/e/y")])
    }

    @Test mutating func aNewFileKeepsADeletedDirectory() {
        leader.disk.remove(samplePath("d"))
        follower.disk.put(sampleFile(7), at: samplePath("d/e/new"))
        follower.observe()
        tell()
        let plan = plan()
        #expect(Set(plan.keepAlive.map(\.record.path)) == [samplePath("d"), samplePath("d/e")])
        #expect(Set(plan.steps.map(\.path)) == [samplePath("d/x"), samplePath("d/e/y")])
        #expect(plan.waiting == [samplePath("d"): .keptAlive, samplePath("d/e"): .keptAlive])
    }

    /// A directory may be renamed before anyone looked at it under the name that a file in it is known by.
    @Test func aDirectoryThatNobodyToldOfIsMade() {
        let origin = Origin(author: Author(device: sampleDevice(1), epoch: IndexEpoch(1)), counter: 1)
        let record = FileRecord(
            path: samplePath("never/told"), content: .symlink(target: [1]), version: VersionVector(origin),
            origin: origin, edits: 1)
        let need = Need(target: record, sources: [], state: .staged)
        let context = EditContext(
            author: Author(device: sampleDevice(2), epoch: IndexEpoch(1)), counter: 0, stampCounter: 0)
        let input = PlanInput(
            needs: [need],
            known: [
                need.path: KnownPath(row: nil, need: need), samplePath("never"): KnownPath(row: nil, need: nil),
            ], context: context)
        let plan = Plan(input)
        #expect(plan.keepAlive.map(\.record.path) == [samplePath("never")])
        #expect(plan.waiting[need.path] == .parent(samplePath("never")))
    }

    /// Two devices may each have settled a file that was moved to and fro at another of its ends.
    @Test func aFileThatMovesLeadBackToStays() {
        let origins = (1...3).map { Origin(author: Author(device: sampleDevice($0), epoch: IndexEpoch(1)), counter: 5) }
        func record(_ path: String, _ content: Content, _ origin: Origin) -> FileRecord {
            FileRecord(
                path: samplePath(path), content: content, version: VersionVector(origin), origin: origin, edits: 2)
        }
        let file = sampleFile(3)
        let disk = DiskState(
            kind: .file, device: 1, inode: 1, size: file.size, modified: Timestamp(seconds: 1, nanoseconds: 0),
            changed: Timestamp(seconds: 1, nanoseconds: 0), mode: 0o644, links: 1)
        // The last one went on knowing that it had come here: from there, or it ended there.
        for (there, mayAnnounce, hasSeen) in [
            (Content.deleted(movedTo: samplePath("a")), true, false), (.deleted(movedTo: nil), true, false),
            (.deleted(movedTo: samplePath("a")), false, false), (.deleted(movedTo: samplePath("a")), true, true),
        ] {
            let row = IndexRow(
                record: record("a", file, origins[0]), sequence: 1, disk: disk, source: nil)
            var gone = record("a", .deleted(movedTo: samplePath("b")), origins[1])
            if hasSeen { gone.version = gone.version.joined(with: VersionVector(origins[2])) }
            let need = Need(target: gone, sources: [], state: .staged)
            let other = IndexRow(record: record("b", there, origins[2]), sequence: 2, disk: nil, source: nil)
            var context = EditContext(
                author: Author(device: sampleDevice(4), epoch: IndexEpoch(1)), counter: 0, stampCounter: 0)
            context.mayAnnounce = mayAnnounce
            let plan = Plan(
                PlanInput(
                    needs: [need],
                    known: [
                        need.path: KnownPath(row: row, need: need), samplePath("b"): KnownPath(row: other, need: nil),
                    ], context: context))
            let stays = there == .deleted(movedTo: samplePath("a")) && mayAnnounce && !hasSeen
            #expect(plan.waiting == (stays ? [need.path: .keptAlive] : [:]))
            #expect(plan.steps.map(\.action) == (stays ? [] : [.delete]))
            guard stays, let kept = plan.keepAlive.first?.record else { continue }
            #expect(kept.content == file && kept.edits == 3 && kept.path == need.path)
            #expect(merge(kept, need.target).record == kept && merge(kept, row.record).record == kept)
        }
    }

    @Test mutating func aFileInThePlaceOfADirectoryThatStaysBecomesACopy() {
        leader.disk.put(sampleFile(9), at: samplePath("d"))
        follower.disk.put(sampleFile(7), at: samplePath("d/new"))
        follower.observe()
        tell()
        #expect(plan().keepAlive.map(\.displaced?.content) == [sampleFile(9)])
    }

    @Test mutating func aDirectoryBecomesAFileAfterWhatWasInIt() {
        leader.disk.put(sampleFile(9), at: samplePath("d"))
        tell()
        follower.stageContent(of: samplePath("d"))
        #expect(plan().steps.map(\.path.description) == ["d/x", "d/e/y", "d/e", "d", "d"])
        #expect(plan().steps.map { $0.action == .delete } == [true, true, true, true, false])
        #expect(plan(only: ["d"]).waiting == [samplePath("d"): .below])
    }

    @Test mutating func whatAConflictCopyStillWantsIsNotReplaced() {
        leader.disk.put(sampleFile(8), at: samplePath("a"))
        leader.observe()
        leader.disk.put(sampleFile(9), at: samplePath("a"))
        follower.disk.put(sampleFile(7), at: samplePath("a"))
        follower.observe()
        tell()
        follower.stageContent(of: samplePath("a"))
        guard let copy = follower.needs.values.first(where: { $0.target.conflictOf != nil }) else {
            Issue.record("no copy")
            return
        }
        #expect(plan(only: ["a"]).waiting == [samplePath("a"): .source(of: copy.path)])
        follower.stageContent(of: copy.path)
        let both = plan()
        #expect(both.waiting == [samplePath("a"): .source(of: copy.path)])
        _ = follower.settle(both, both.steps.map { follower.execute($0) })
        #expect(plan(only: ["a"]).waiting.isEmpty)
    }

    /// Who hears that the winner has seen the loser replaces the loser: a copy that fails then has its content from
    /// nowhere. So the winner is not noted as long as the copy is not there, even where it stands already.
    @Test mutating func aWinnerIsNotNotedBeforeTheConflictCopyIsThere() {
        follower.disk.put(sampleFile(9), at: samplePath("a"))
        follower.observe()
        follower.disk.put(sampleFile(10), at: samplePath("a"))
        follower.observe()
        leader.disk.put(sampleFile(8), at: samplePath("a"))
        tell()
        guard let copy = follower.needs.values.first(where: { $0.target.conflictOf != nil }) else {
            Issue.record("no copy")
            return
        }
        follower.stageContent(of: copy.path)
        let plan = plan()
        #expect(plan.unchanged.isEmpty && plan.items.map(\.need.path) == [copy.path])
        let settled = plan.settle(plan.steps.map { _ in .openForWriting })
        #expect(settled.rows.isEmpty && settled.completed.isEmpty)
    }

    /// The new place is not free, so no rename brings the content there; what does may fail, and it is nowhere else.
    @Test mutating func whatMovesToAnOccupiedPlaceIsThereBeforeItIsRemoved() {
        leader.disk.remove(samplePath("b"))
        leader.observe()
        rename("a", "b", &leader)
        tell()
        for path in follower.needs.keys { follower.stageContent(of: path) }
        let plan = plan()
        #expect(plan.items.map(\.need.path) == [samplePath("b")])
        #expect(plan.waiting == [samplePath("a"): .source(of: samplePath("b"))])
        _ = follower.settle(plan, plan.steps.map { follower.execute($0) })
        #expect(self.plan().items.map(\.need.path) == [samplePath("a")])
    }

    /// An edit followed a move to a place where it can't be put yet: nobody else has it, so it stays where it was made.
    @Test mutating func anEditThatFollowedAMoveStaysUntilItIsThere() {
        follower.disk.put(sampleFile(9), at: samplePath("a"))
        follower.observe()
        rename("a", "n", &leader)
        tell()
        guard let moved = follower.needs[samplePath("n")] else {
            Issue.record("no move")
            return
        }
        #expect(moved.target.content == sampleFile(9))
        #expect(follower.needs[samplePath("a")]?.target.isDeleted == true)
        follower.needs[samplePath("n")]?.state = .blocked
        #expect(plan(only: ["a"]).waiting == [samplePath("a"): .source(of: samplePath("n"))])
        // What others have, they can give.
        let source = NeedSource(device: sampleDevice(0), sequence: 1, match: .content)
        follower.needs[samplePath("n")] = Need(target: moved.target, sources: [source], state: .blocked)
        #expect(plan(only: ["a"]).items.map(\.need.path) == [samplePath("a")])
    }

    /// A file is to go into the directory that is to stand in its own place, or deeper: no rename does that. Nor if it
    /// is to wait for the copy of what lost a conflict there, which waits for the directory.
    @Test(arguments: ["a/x", "a/d/x"], [false, true])
    mutating func whatGoesBelowItsOldPlaceIsStagedFirst(place: String, hasLost: Bool) {
        guard let row = follower.rows[samplePath("a")]?.record else { return }
        let origin = Origin(author: sampleAuthor(0), counter: 90)
        var targets = ["a", "a/d"].filter { place.hasPrefix($0 + "/") }.map { path in
            let version = path == "a" ? row.version.inserting(origin) : VersionVector(origin)
            return FileRecord(
                path: samplePath(path), content: .directory, version: version, origin: origin, edits: 2)
        }
        var moved = row
        moved.path = samplePath(place)
        moved.version = VersionVector(origin)
        moved.origin = origin
        moved.movedFrom = MoveSource(path: row.path, origin: row.origin)
        targets.append(moved)
        if hasLost {
            var lost = moved
            (lost.content, lost.movedFrom) = (sampleFile(9), nil)
            targets.append(conflictCopy(of: lost, at: samplePath(place + " (conflict)")))
        }
        for target in targets {
            follower.needs[target.path] = Need(target: target, sources: [], state: .staged)
        }
        let copy = samplePath(place + " (conflict)")
        follower.needs[copy]?.state = .wanted
        follower.stageContent(of: copy)
        #expect(plan().waiting[row.path] == .source(of: moved.path))
        #expect(plan().waiting[moved.path] == .content)
        follower.needs[moved.path]?.state = .wanted
        follower.stageContent(of: moved.path)
        for _ in 0..<3 {
            let plan = plan()
            _ = follower.settle(plan, plan.steps.map { follower.execute($0) })
        }
        #expect(plan().waiting.isEmpty)
        #expect(follower.disk[moved.path]?.content == row.content)
    }

    /// A file is to stand in the place of the directory that it lies in, or of one around that: no rename does that
    /// either. It goes from its old place with all else, or not at all.
    @Test(arguments: ["d/x", "d/e/y"]) mutating func whatGoesToThePlaceOfItsDirectoryIsStagedFirst(place: String) throws
    {
        let (old, new) = (samplePath(place), samplePath("d"))
        let content = try #require(leader.disk[old]?.content)
        let source = try #require(follower.rows[old]?.record.origin)
        leader.disk.put(content, at: new)
        tell()
        // As others tell of it who saw it at a third place meanwhile.
        var there = try #require(follower.needs[new]?.target)
        var gone = try #require(follower.needs[old]?.target)
        there.movedFrom = MoveSource(path: old, origin: source)
        gone.content = .deleted(movedTo: new)
        for target in [there, gone] {
            follower.needs[target.path] = Need(target: target, sources: [], state: .staged)
        }
        #expect(plan().waiting[new] == .content)
        #expect(plan().waiting[old] == .source(of: new))
        follower.needs[new]?.state = .wanted
        #expect(plan().waiting[old] == .source(of: new))
        follower.stageContent(of: new)
        let without = plan(only: ["d", "d/e", place])
        #expect(without.waiting[new] == .below)
        #expect(without.waiting[old] == .source(of: new))
        // Another comes from there and can't be placed yet: what is in memory may be gone by then.
        guard case .file(let file) = content else { return }
        var other = there
        other.path = samplePath("q/z")
        let needs = Array(follower.needs.values) + [Need(target: other, sources: [], state: .wanted)]
        let both = follower.plan(needs, inline: [file: 1])
        #expect(both.waiting[new] == .below && both.waiting[old] == .source(of: new))
        let plan = plan()
        _ = follower.settle(plan, plan.steps.map { follower.execute($0) })
        #expect(self.plan().waiting.isEmpty)
        #expect(follower.disk[new]?.content == content)
    }

    /// What is to go into a directory that waits for something else needs no content: soon a rename brings it.
    @Test mutating func whatWaitsForAnotherMoveIsRenamed() {
        rename("a", "a.old", &leader)
        leader.observe()
        leader.disk.put(.directory, at: samplePath("a/s"))
        rename("b", "a/s/x", &leader)
        tell()
        let first = plan()
        #expect(first.waiting[samplePath("a")] == .source(of: samplePath("a.old")))
        #expect(first.waiting[samplePath("a/s/x")] == .parent(samplePath("a/s")))
        follower.stageContent(of: samplePath("a.old"))
        for _ in 0..<3 {
            let plan = plan()
            _ = follower.settle(plan, plan.steps.map { follower.execute($0) })
        }
        #expect(plan().waiting.isEmpty && follower.disk[samplePath("a/s/x")]?.content == sampleFile(2))
    }

    @Test mutating func aHalfDoneItemLeavesARowWithoutAnEntry() {
        leader.disk.put(.directory, at: samplePath("a"))
        tell()
        let plan = plan()
        #expect(plan.steps.map(\.expected).last == .absent)
        let settled = plan.settle([.applied(nil), .failed(.permissionDenied, message: "no")])
        #expect(settled.rows.map(\.disk) == [nil] && settled.rows.map(\.need) == [nil])
        #expect(settled.blocked[samplePath("a")] == PlanProblem(kind: .permissionDenied, message: "no"))
    }

    @Test(arguments: [
        (ApplyOutcome.changed, "retry", true), (.undone, "retry", true), (.openForWriting, "blocked", false),
        (.noParent, "retry", false), (.failed(.diskFull, message: ""), "blocked", false),
    ])
    mutating func outcomes(outcome: ApplyOutcome, result: String, isLookedAt: Bool) {
        leader.disk.put(sampleFile(9), at: samplePath("a"))
        tell()
        follower.stageContent(of: samplePath("a"))
        let settled = plan().settle([outcome])
        #expect(settled.completed.isEmpty && settled.rows.isEmpty)
        #expect(settled.retry.isEmpty == (result != "retry") && settled.blocked.isEmpty == (result != "blocked"))
        #expect(settled.reobserve.contains(samplePath("a")) == isLookedAt)
    }
}
