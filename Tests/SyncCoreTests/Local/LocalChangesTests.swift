import ModelFolder
import SyncCore
import SyncModel
import Testing

@Suite struct LocalChangesTests {
    private let path = samplePath("p")

    /// A device that holds one file.
    private func holding() -> ModelDevice {
        var device = ModelDevice(1)
        device.disk.put(sampleFile(1), at: path)
        device.observe()
        return device
    }

    private func record(_ device: ModelDevice) -> FileRecord? { device.rows[path]?.record }

    @Test func whatIsUnchangedIsNoEdit() {
        var device = holding()
        let (row, counter) = (device.rows[path], device.context)
        device.observe()
        #expect(device.rows[path] == row && device.context == counter)
    }

    @Test func aBareTouchSetsTheStampAndNoVersion() {
        var device = holding()
        let before = record(device)
        device.disk.change(path, modified: Timestamp(seconds: 5, nanoseconds: 7))
        device.observe()
        let after = record(device)
        #expect(after?.modified?.value == Timestamp(seconds: 5, nanoseconds: 7))
        #expect(after?.version == before?.version && after?.origin == before?.origin && after?.mode == before?.mode)
        #expect(before.flatMap { old in after.map { merge(old, $0).record } } == after)
    }

    @Test func anEditCountsUpAndItsMtimeIsNew() {
        var device = holding()
        let before = record(device)
        device.disk.put(sampleFile(2), at: path)
        device.observe()
        #expect(record(device)?.edits == 2)
        #expect(record(device)?.modified != before?.modified && record(device)?.mode == before?.mode)
    }

    /// Counters are folder-wide, so the next edit covers whatever we edited before, seen by it or not: an edit that
    /// follows a move and is still to be applied lives on as a conflict copy.
    @Test(arguments: [sampleFile(8), nil])
    func anEditOfOurOwnThatIsNotOnTheDiskYetIsNotLostToTheNext(edit: Content?) {
        var device = holding()
        guard var target = record(device) else { return }
        target.content = sampleFile(7)
        device.context.counter += 1
        target.origin = Origin(author: target.origin.author, counter: device.context.counter)
        target.version.insert(target.origin)
        device.needs[path] = Need(target: target, sources: [], state: .wanted)
        if let edit { device.disk.put(edit, at: path) } else { device.disk.remove(path) }
        device.observe()
        let copies = device.needs.values.filter { $0.target.conflictOf == path }
        #expect(copies.map(\.target.content) == [sampleFile(7)])
    }

    /// Between the two steps of a replacement: what stood here is in history, and the same is put here by a user.
    @Test func whatIsPutBackWhereAWaveTookItAwayIsAnEdit() {
        var device = holding()
        guard let old = record(device) else { return }
        device.rows[path]?.disk = nil
        let origin = Origin(author: sampleAuthor(2), counter: 1)
        let target = FileRecord(
            path: path, content: .directory, version: old.version.inserting(origin), origin: origin, edits: 2)
        device.needs[path] = Need(target: target, sources: [], state: .staged)
        device.observe()
        #expect(record(device)?.origin != old.origin)
        #expect(device.needs.values.contains { $0.target.conflictOf == path && $0.target.content == old.content })
    }

    /// An announced record that has the content which is here says nothing of an attribute that only is here.
    @Test func attributesThatOnlyTheDiskHasStayWhenARecordIsAdopted() {
        var (first, second) = (ModelDevice(1), ModelDevice(2))
        first.disk.put(.directory, at: path)
        first.observe()
        second.receive(first.rows.values.map(\.record))
        second.disk.put(.directory, at: path)
        second.disk.setAttribute(Array("user.x".utf8), [1], at: path)
        second.observe()
        #expect(record(second)?.attributes.map(\.value.value) == [[1]])
        #expect(record(second)?.origin == record(first)?.origin)
    }

    @Test func aDisappearanceIsADeletionOnlyIfItStoodHere() {
        var device = holding()
        device.rows[path]?.disk = nil
        device.disk.remove(path)
        device.observe()
        #expect(record(device)?.isDeleted == false)
        device = holding()
        device.disk.remove(path)
        device.observe()
        #expect(record(device)?.content == .deleted(movedTo: nil))
    }

    /// Rule 4: a disk that keeps neither modes nor nanoseconds.
    @Test func whatTheDiskMakesOfMetadataIsNoChange() {
        for seed in 0..<100 as Range<UInt64> {
            var user = ModelUser(seed: seed)
            var (leader, follower) = (ModelDevice(0), ModelDevice(1))
            follower.disk.modeMask = 0
            follower.disk.modeFloor = 0o755
            follower.disk.resolution = 2
            for _ in 0..<8 { user.edit(&leader.disk) }
            leader.observe()
            follower.receive(leader.log(for: 1, limit: .max))
            for _ in 0..<40 where !follower.needs.isEmpty { _ = follower.wave(&user, percent: 100) }
            let rows = follower.rows
            follower.observe()
            #expect(follower.needs.isEmpty && follower.context.counter == 0, "seed \(seed)")
            // Directories that were made are looked at once more: only their stat is new.
            #expect(follower.rows.mapValues(\.record) == rows.mapValues(\.record), "seed \(seed)")
            #expect(follower.rows.mapValues(\.sequence) == rows.mapValues(\.sequence), "seed \(seed)")
        }
    }

    @Test func equalContentIsAdoptedWithoutAnEditAndGetsTheAnnouncedMetadata() {
        let leader = holding()
        var follower = ModelDevice(2)
        follower.disk.put(sampleFile(1), at: path, mode: 0o600)
        follower.receive(leader.rows.values.map(\.record))
        follower.observe()
        #expect(follower.context.counter == 0)
        #expect(record(follower)?.version == record(leader)?.version)
        var user = ModelUser(seed: 1)
        _ = follower.wave(&user, percent: 100)
        #expect(follower.disk.differences(from: leader.disk).isEmpty && follower.needs.isEmpty)
        #expect(record(follower) == record(leader))
    }

    @Test func aDeletionThatIsAnnouncedAlreadyIsNoEdit() {
        var (leader, follower) = (holding(), ModelDevice(2))
        var user = ModelUser(seed: 1)
        follower.receive(leader.log(for: 2, limit: .max))
        _ = follower.wave(&user, percent: 100)
        leader.disk.remove(path)
        leader.observe()
        follower.receive(leader.log(for: 2, limit: .max))
        follower.disk.remove(path)
        follower.observe()
        #expect(follower.context.counter == 0 && follower.needs.isEmpty)
        #expect(record(follower) == record(leader))
    }

    /// Nothing is known of the disk from before: the record's content stands there with other metadata. The user put it
    /// there, and his metadata are the last.
    @Test func contentThatComesBackByItselfKeepsItsVersionAndGetsItsMetadataFromTheDisk() {
        var device = holding()
        let before = record(device)
        device.rows[path]?.disk = nil
        device.disk.change(path, mode: 0o600)
        device.observe()
        #expect(record(device)?.version == before?.version)
        #expect(record(device)?.mode?.value == FileMode(0o600))
        #expect(record(device)?.modified == before?.modified)
        #expect(device.rows[path]?.disk != nil)
    }

    @Test func aCopyThatIsEditedStaysACopyUntilItIsADirectory() {
        var device = holding()
        device.rows[path]?.record.conflictOf = samplePath("other")
        device.disk.put(sampleFile(2), at: path)
        device.observe()
        #expect(record(device)?.conflictOf == samplePath("other"))
        device.disk.put(.directory, at: path)
        device.observe()
        #expect(record(device)?.conflictOf == nil)
    }

    @Test func whatWasBelowADirectoryIsToldBeforeTheFileInItsPlace() {
        var device = ModelDevice(1)
        device.disk.put(sampleFile(1), at: samplePath("d/e/x"))
        device.disk.put(sampleFile(2), at: samplePath("f/y"))
        device.observe()
        device.disk.put(sampleFile(3), at: samplePath("d"))
        device.disk.remove(samplePath("f"))
        device.disk.put(sampleFile(4), at: samplePath("n/z"))
        _ = device.log(for: 2, limit: .max)
        device.observe()
        let log = device.log(for: 2, limit: .max).map(\.path.description)
        #expect(log == ["d/e/x", "d/e", "d", "n", "n/z", "f/y", "f"])
    }
}
