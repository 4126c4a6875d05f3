import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// What version 3 of an index adds: held deletions and their releases (rule 15).
@Suite struct ReleaseTests {
    private func release(_ author: UInt64, upTo: UInt64, epoch: UInt64 = 1) -> ReleaseRow {
        ReleaseRow(
            author: Author(device: device(author), epoch: IndexEpoch(epoch)), upTo: upTo, signer: device(9),
            signerKey: [1, 2, 3], signature: Array(repeating: 7, count: 70))
    }

    @Test func releasesAreKeptOneAnAuthor() throws {
        let directory = try TemporaryDirectory()
        var index = try makeIndex(directory)
        var transaction = IndexTransaction()
        transaction.releases = [
            release(2, upTo: 5), release(3, upTo: Limits.counter), release(2, upTo: 4, epoch: .max),
        ]
        try index.commit(transaction)
        transaction = IndexTransaction()
        transaction.releases = [release(2, upTo: 8)]
        transaction.droppedReleases = [release(3, upTo: 1).author, release(4, upTo: 1).author]
        try index.commit(transaction)
        let kept = [release(2, upTo: 8), release(2, upTo: 4, epoch: .max)]
        #expect(try index.reader.releases() == kept)
        try index.close()
        index = try openIndex(directory)
        #expect(try index.reader.releases() == kept)
        transaction = IndexTransaction()
        transaction.releases = [
            ReleaseRow(
                author: kept[0].author, upTo: 9, signer: device(9), signerKey: [],
                signature: Array(repeating: 0, count: Limits.signatureBytes + 1))
        ]
        #expect(throws: IndexError(.limit, "")) { try index.commit(transaction) }
        #expect(try index.reader.releases() == kept)
        try index.close()
    }

    /// Needs keep their numbers, by which their sources name them.
    @Test func anIndexOfVersionTwoKeepsItsNeeds() throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 3)
        var needs: [Need] = []
        for path in try random.paths(30) {
            var need = try random.need(path)
            need.state = .blocked
            needs.append(need)
        }
        try makeSecondVersion(directory, needs)
        let index = try openIndex(directory)
        let sorted = needs.sorted { $0.path < $1.path }
        #expect(try index.reader.needs(.blocked, limit: 100) == sorted)
        #expect(index.status.needs[.blocked]?.needs == 30)
        for source in Set(needs.flatMap(\.sources).map(\.device)) {
            let least = needs.flatMap(\.sources).filter { $0.device == source }.map(\.sequence).min()
            #expect(try index.reader.leastNeedSequence(of: source) == least)
        }
        var transaction = IndexTransaction()
        transaction.needChanges = [NeedChange(path: sorted[0].path, state: .held)]
        transaction.droppedNeeds = [sorted[1].path]
        try index.commit(transaction)
        #expect(try index.reader.needs(.held, limit: 9).map(\.path) == [sorted[0].path])
        #expect(index.status.needs[.held]?.needs == 1)
        try index.checkIntegrity(.content)
        try index.close()
    }

    private func makeSecondVersion(_ directory: TemporaryDirectory, _ needs: [Need]) throws {
        let schema = Schema(applicationID: Schema.folder.applicationID, scripts: Array(Schema.folder.scripts.prefix(2)))
        let connection = try Connection.create(directory.index, schema: schema)
        let ledger = Ledger(folder: folderA, device: deviceA, epoch: epochA)
        try connection.transaction { database in
            // Of the columns of today, so that the rest of today's code can be used.
            let columns = [
                "boot TEXT", "cut BLOB", "proposed_cut BLOB", "proposed_seconds INTEGER", "incarnation INTEGER",
            ]
            for column in columns { try database.run("ALTER TABLE identity ADD COLUMN \(column)") }
            try ledger.insert(folder: folderA, device: deviceA, database)
            let queries = Queries(names: Names(), database: database)
            var commit = Commit(ledger: ledger, device: deviceA, queries: queries)
            for need in needs { try commit.put(need) }
            // One that went leaves a gap in the numbers.
            try commit.drop(need: needs[3].path)
            try commit.put(needs[3])
            var next = commit.ledger
            try next.store(replacing: ledger, queries)
            for column in columns {
                try database.run("ALTER TABLE identity DROP COLUMN \(column.split(separator: " ")[0])")
            }
        }
        try connection.close()
    }
}
