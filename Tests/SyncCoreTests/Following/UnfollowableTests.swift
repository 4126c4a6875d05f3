import ModelFolder
import SyncModel
import Testing

@testable import SyncCore

/// What lives in a directory that was moved, below another one that was, and can't be carried there: waves end.
@Suite struct UnfollowableTests {
    private var leader = ModelDevice(0)
    private var follower = ModelDevice(1)
    private var user = ModelUser(seed: 1)
    private let child = samplePath("d/e/child")

    init() {
        leader.disk.put(sampleFile(1), at: samplePath("d/e/y"))
        tell()
        leader.disk.rename(samplePath("d"), to: samplePath("n"))
        tell()
    }

    private mutating func tell() {
        leader.observe()
        follower.receive(leader.log(for: 1, limit: .max))
        settle()
    }

    private mutating func settle() {
        for _ in 0..<40 where !follower.needs.isEmpty { _ = follower.wave(&user, percent: 100) }
    }

    private func record(_ content: Content, _ version: VersionVector? = nil) -> FileRecord {
        let origin = Origin(author: sampleAuthor(7), counter: 5)
        return FileRecord(
            path: child, content: content, version: version ?? VersionVector(origin), origin: origin, edits: 1,
            modified: nil,
            mode: Stamped(content.isDirectory ? .directory : .file, at: Stamp(counter: 1, device: sampleDevice(7))))
    }

    /// Live again with all that its own move left behind: two devices merged halves of what they had heard.
    private func backAgain(_ content: Content) throws -> FileRecord {
        let places = [samplePath("d"), samplePath("n")]
        return record(content, try #require(Following(record(content), along: places)).left.version)
    }

    @Test mutating func aFileThatWasCarriedBeforeStaysWithAllDirectoriesAboveIt() throws {
        follower.receive([try backAgain(sampleFile(2))])
        settle()
        #expect(follower.needs.isEmpty)
        #expect(follower.disk[child]?.content == sampleFile(2))
        #expect(follower.rows[samplePath("d")]?.record.content == .directory)
        // Another device makes the same of it.
        leader.receive(follower.log(for: 0, limit: .max))
        for _ in 0..<40 where !leader.needs.isEmpty { _ = leader.wave(&user, percent: 100) }
        #expect(leader.needs.isEmpty && leader.disk[child]?.content == sampleFile(2))
    }

    @Test mutating func aDirectoryThatWasCarriedBeforeIsCarriedAgain() throws {
        follower.receive([try backAgain(.directory)])
        settle()
        #expect(follower.needs.isEmpty)
        #expect(follower.disk[samplePath("n/e/child")]?.content == .directory)
        #expect(follower.disk[samplePath("d")] == nil)
    }

    @Test mutating func whatHasTooLongAHistoryStays() throws {
        let entries = (0..<Limits.carriedEntries).map { Origin(author: sampleAuthor(UInt64(100 + $0)), counter: 1) }
        let long = record(sampleFile(3)).version.joined(with: VersionVector(entries))
        follower.receive([record(sampleFile(3), long)])
        settle()
        #expect(follower.needs.isEmpty && follower.disk[child]?.content == sampleFile(3))
    }

    /// What a version as long as is taken would delete, lives on by an edit of ours: there is room for it.
    @Test mutating func whatMustStayHasRoomBesideTheLongestVersion() {
        let directory = samplePath("n/e")
        guard var record = follower.rows[directory]?.record else { return }
        record.content = .deleted(movedTo: nil)
        record.mode = nil
        record.origin = Origin(author: sampleAuthor(99), counter: 1)
        record.edits += 1
        let room = Limits.mergedEntries - record.version.entries.count
        let entries = (0..<room).map { Origin(author: sampleAuthor(UInt64(99 + $0)), counter: 1) }
        record.version = record.version.joined(with: VersionVector(entries))
        follower.receive([record])
        settle()
        #expect(follower.needs.isEmpty && follower.disk[directory]?.content == .directory)
        #expect(follower.disk[samplePath("n/e/y")]?.content == sampleFile(1))
    }

    /// One that would leave no room for edits made here is not taken.
    @Test mutating func aVersionOfTooManyAuthorsIsRefused() {
        let place = samplePath("n/e/y")
        guard var record = follower.rows[place]?.record else { return }
        let before = record
        let entries = (0..<Limits.mergedEntries).map { Origin(author: sampleAuthor(UInt64(100 + $0)), counter: 1) }
        record.version = record.version.joined(with: VersionVector(entries))
        record.content = sampleFile(9)
        follower.receive([record])
        #expect(follower.needs.isEmpty && follower.rows[place]?.record == before)
    }
}
