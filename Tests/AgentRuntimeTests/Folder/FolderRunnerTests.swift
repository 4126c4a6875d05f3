import AgentProcesses
import Glibc
import LocalFileSystem
import SQLiteIndex
import SyncCore
import SyncEngine
import SyncModel
import Testing

@testable import AgentRuntime

/// Effects of a folder's machine: each that has a ticket is answered once, and none after the end.
@Suite struct FolderRunnerTests {
    private struct Place {
        let directory: TemporaryDirectory
        let runner: FolderRunner
        let told = Monitor([FolderEvent]())

        init(watcher: Watcher? = nil) throws {
            directory = try TemporaryDirectory()
            let told = told
            runner = try FolderRunner(DiskWorld.setup(in: directory), watcher: watcher, logger: quiet) { event in
                told.announce { $0.append(event) }
            }
        }

        func wait<Value>(_ body: @escaping (FolderEvent) -> Value?) throws -> Value {
            try #require(told.wait(until: patience()) { $0.lazy.compactMap(body).first })
        }
    }

    /// The ticket that an event answers.
    private func ticket(_ event: FolderEvent) -> UInt64? {
        switch event {
        case .loaded(let ticket, _), .needsLoaded(let ticket, _), .committed(let ticket, _), .executed(let ticket, _),
            .flushed(let ticket), .failed(let ticket, _):
            ticket.number
        default: nil
        }
    }

    @Test func everyTicketIsAnsweredInItsOrder() throws {
        let place = try Place()
        place.runner.begin()
        let path = try RelativePath("a")
        let step = ApplyStep(path: path, expected: .absent, action: .createDirectory(EntryMetadata()))
        for effect in [
            .load(Ticket(1), paths: [path], below: [path]), .loadUnsettled(Ticket(2), after: nil, limit: 5),
            .loadNeeds(Ticket(3), .wanted, after: path, limit: 5), .commit(Ticket(4), IndexTransaction()),
            .execute(Ticket(5), [step]), .flush(Ticket(6)), .execute(Ticket(7), []),
        ] as [FolderEffect] {
            place.runner.perform(effect)
        }
        _ = try place.wait { self.ticket($0) == 7 ? true : nil }
        let told = place.told.withLock { $0 }
        guard case .opened? = told.first else { return #expect(Bool(false), "\(told)") }
        #expect(told.compactMap { ticket($0) } == Array(1...7))
        #expect(!told.contains { if case .failed = $0 { true } else { false } })
        #expect(Files.exists(place.directory.path + "/folder/a"))
        place.runner.stop()
    }

    @Test func whatFailsAsAWholeIsSaidAndTheNextGoesOn() throws {
        let place = try Place()
        var transaction = IndexTransaction()
        // A row whose sequence is none that follows the log.
        let author = Author(device: place.runner.setup.device, epoch: place.runner.disk.index.status.epoch)
        let origin = Origin(author: author, counter: 1)
        let record = FileRecord(
            path: try RelativePath("a"), content: .directory, version: VersionVector(origin), origin: origin, edits: 1)
        transaction.rows = [IndexRow(record: record, sequence: 0, disk: nil, source: nil)]
        place.runner.perform(.commit(Ticket(1), transaction))
        place.runner.perform(.load(Ticket(2), paths: [record.path], below: []))
        let loaded = try place.wait { if case .loaded(Ticket(2), let loaded) = $0 { loaded } else { nil } }
        #expect(loaded.known[record.path]?.row == nil)
        let problem = try place.wait { if case .failed(Ticket(1), let problem) = $0 { problem } else { nil } }
        #expect(!problem.message.isEmpty)
        // A folder that is another: no wave.
        try Files.move(place.directory.path + "/folder", place.directory.path + "/aside")
        let step = ApplyStep(path: record.path, expected: .absent, action: .createDirectory(EntryMetadata()))
        place.runner.perform(.execute(Ticket(3), [step]))
        _ = try place.wait { if case .failed(Ticket(3), let problem) = $0 { problem } else { nil } }
        #expect(!Files.exists(place.directory.path + "/aside/a"))
        place.runner.stop()
    }

    /// What stood in the way of mending what a crash left goes away: the folder opens without a restart.
    @Test func whatCouldNotBeMendedIsTriedAgain() throws {
        let place = try Place()
        try place.directory.write("folder/.lanyard/stage/swap.1.2.3", [1])
        let now = Int64(time(nil))
        // Whatever day it is, no directory of it can be made.
        let days = [now, now + 86_400].map { "folder/.lanyard/history/\(HistoryDay(seconds: $0))" }
        let blockers = days.flatMap { day in [day] + (1..<8).map { "\(day).\($0)" } }
        for blocker in blockers { try place.directory.write(blocker, [1]) }
        place.runner.begin()
        _ = try place.wait { if case .unopened(let problem) = $0 { problem } else { nil } }
        for blocker in blockers { try Files.remove(place.directory.path + "/" + blocker) }
        var opening: FolderOpening?
        for _ in 0..<3_000 where opening == nil {
            place.runner.tick(now: .max)
            usleep(10_000)
            for case .opened(let told) in place.told.withLock({ $0 }) { opening = told }
        }
        #expect(opening?.intents.isEmpty == true)
        place.runner.stop()
    }

    @Test func afterAFailedFlushItIsOpenedAnew() throws {
        let place = try Place()
        place.runner.perform(.reopen)
        let isRestart = try place.wait { event -> Bool? in
            if case .opened(let opening) = event { opening.afterFailedFlush } else { nil }
        }
        #expect(isRestart)
        place.runner.stop()
    }

    @Test func afterTheEndNothingIsTold() throws {
        let place = try Place()
        for number in 0..<300 { try place.directory.write("folder/f\(number)", [1]) }
        place.runner.begin()
        place.runner.perform(.scan(nil))
        for number in 0..<200 { place.runner.perform(.flush(Ticket(UInt64(number)))) }
        place.runner.stop()
        let count = place.told.withLock { $0.count }
        place.runner.perform(.scan(nil))
        place.runner.perform(.flush(Ticket(1_000)))
        place.runner.perform(.read([AdaptiveDeferral.Due(path: try RelativePath("f1"), keepsChanging: false)]))
        place.runner.begin()
        #expect(place.told.withLock { $0.count } == count)
    }

    @Test func aQuestionAfterTheEndIsAnswered() async throws {
        let place = try Place()
        let names = try await place.runner.onDisk { disk in disk.index.status.files }
        #expect(names == 0)
        place.runner.stop()
        await #expect(throws: (any Error).self) { try await place.runner.onDisk { disk in disk.index.status.files } }
    }

    /// With a watcher, from the save to the observation.
    @Test func aSaveIsWatchedAndRead() throws {
        let noticed = Monitor([WatchNotice]())
        let watcher = try Watcher { _, events in
            noticed.announce { $0 += events.map(WatchNotice.init) }
        }
        defer { watcher.stop() }
        let place = try Place(watcher: watcher)
        try place.directory.write("folder/d/old", [1])
        place.runner.perform(.scan(nil))
        _ = try place.wait { if case .scanEnded(nil, true) = $0 { true } else { nil } }
        try place.directory.write("folder/d/new", [1, 2])
        let new = try RelativePath("d/new")
        let isNoticed = noticed.wait(until: patience()) { notices in
            notices.contains { if case .closed(new) = $0 { true } else { false } } ? true : nil
        }
        #expect(isNoticed == true)
        place.runner.perform(.read([AdaptiveDeferral.Due(path: new, keepsChanging: false)]))
        let size = try place.wait { event -> UInt64? in
            guard case .observed(let batch) = event else { return nil }
            return batch.observations.first { $0.path == new }?.content.size
        }
        #expect(size == 2)
        place.runner.stop()
        // No longer watched.
        let count = noticed.withLock { $0.count }
        try place.directory.write("folder/d/later", [3])
        #expect(noticed.withLock { $0.count } == count)
    }
}
