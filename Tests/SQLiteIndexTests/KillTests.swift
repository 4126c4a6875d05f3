import Glibc
import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// A process that is killed while it commits leaves the state of some commit, whole.
@Suite struct KillTests {
    /// Commit n puts ten rows of counter n, one need and the counter itself.
    private static func transaction(_ number: UInt64) throws -> IndexTransaction {
        var transaction = IndexTransaction()
        for slot in 0..<10 as Range<UInt64> {
            let record = fileRecord(try path("dir/\(slot)"), counter: number, size: 50_000)
            transaction.rows.append(
                IndexRow(record: record, sequence: number * 10 + slot, disk: stat(of: record, inode: slot), source: nil)
            )
        }
        transaction.needs = [Need(target: fileRecord(try path("need"), counter: number), sources: [], state: .wanted)]
        transaction.nextEdit = number + 1
        return transaction
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func aKilledWriterLeavesAWholeCommit(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        try makeIndex(directory).close()
        let target = directory.index
        await #expect(processExitsWith: .signal(SIGKILL)) { [target = target as String, seed = seed as UInt64] in
            var random = SeededGenerator(seed: seed)
            let microseconds = UInt32.random(in: 2_000...60_000, using: &random)
            let index = try FolderIndex.open(path: target, folder: folderA, device: deviceA)
            let fuse = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
            fuse.initialize(to: microseconds)
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { argument in
                    usleep(argument?.load(as: UInt32.self) ?? 0)
                    kill(getpid(), SIGKILL)
                    return nil
                }, fuse)
            for number in 1...1_000_000 as ClosedRange<UInt64> {
                try index.commit(KillTests.transaction(number))
            }
        }
        let index = try openIndex(directory)
        try index.checkIntegrity(.content)
        let number = index.status.nextEdit - 1
        if number == 0 {
            #expect(try index.reader.rows(limit: 100).isEmpty)
        } else {
            let expected = try Self.transaction(number)
            #expect(try index.reader.load(expected.rows.map(\.record.path)).map(\.row) == expected.rows)
            #expect(try index.reader.needs(.wanted, limit: 9) == expected.needs)
            #expect(index.status.mark.sequence == number * 10 + 9)
            #expect(try index.reader.check(index.status.mark) == .known)
        }
        try index.commit(Self.transaction(number + 1))
        try index.close()
    }
}
