import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct TotalsTests {
    /// What a plain model says after the same operations.
    private struct Model {
        var rows: [RelativePath: IndexRow] = [:]
        var needs: [RelativePath: Need] = [:]
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func totalsAndDigestEqualRecomputation(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var index = try makeIndex(directory)
        var random = SeededGenerator(seed: seed)
        let paths = try random.paths(60)
        var model = Model()
        var sequence: IndexSequence = 0
        for round in 0..<40 {
            let transaction = try step(&random, paths, &model, &sequence)
            try index.commit(transaction)
            try compare(index, with: model, paths)
            if round.isMultiple(of: 10) {
                try index.checkIntegrity(.content)
                try index.close()
                index = try openIndex(directory)
                try compare(index, with: model, paths)
            }
        }
        try index.close()
    }

    private func step(
        _ random: inout SeededGenerator, _ paths: [RelativePath], _ model: inout Model, _ sequence: inout IndexSequence
    ) throws -> IndexTransaction {
        var transaction = IndexTransaction()
        for path in paths where random.chance(15) {
            sequence += 1
            var row = try random.row(path, sequence: sequence)
            if case .file(let content) = row.record.content {
                row.record.content = .file(FileContent(size: content.size % 1_000_000_000, hash: content.hash))
            }
            transaction.rows.append(row)
            model.rows[path] = row
        }
        for path in paths where random.chance(5) {
            transaction.droppedRows.append(path)
            model.rows[path] = nil
        }
        for path in paths where random.chance(20) {
            transaction.droppedNeeds.append(path)
            model.needs[path] = nil
        }
        for path in paths where random.chance(20) {
            var need = try random.need(path)
            need.target.content = .file(FileContent(size: random.next() % 1_000_000, hash: ContentHash(hash(1))))
            transaction.needs.append(need)
            model.needs[path] = need
        }
        for path in paths where random.chance(20) {
            transaction.needChanges.append(NeedChange(path: path, state: .applying, reason: nil))
            model.needs[path]?.state = .applying
            model.needs[path]?.reason = nil
        }
        return transaction
    }

    private func compare(_ index: FolderIndex, with model: Model, _ paths: [RelativePath]) throws {
        let status = index.status
        let records = model.rows.values.map(\.record)
        let live = records.filter { !$0.isDeleted }
        func isFile(_ record: FileRecord) -> Bool { if case .file = record.content { true } else { false } }
        func isSymlink(_ record: FileRecord) -> Bool { if case .symlink = record.content { true } else { false } }
        #expect(status.files == live.count(where: isFile))
        #expect(status.directories == live.count { $0.content.isDirectory })
        #expect(status.symlinks == live.count(where: isSymlink))
        #expect(status.tombstones == records.count - live.count)
        #expect(status.bytes == live.reduce(0) { $0 + $1.content.size })
        #expect(status.conflicts == live.count { $0.conflictOf != nil })
        let conflicts = live.filter { $0.conflictOf != nil }.map(\.path).sorted()
        #expect(try index.reader.conflicts(limit: 1_000).map(\.record.path) == conflicts)

        var digest = DigestState()
        for record in records { digest.insert(record) }
        #expect(index.rootDigest == digest.root)

        for state in NeedState.allCases {
            let needs = model.needs.values.filter { $0.state == state }.sorted { $0.path < $1.path }
            #expect(try index.reader.needs(state, limit: 1_000) == needs)
            let size = needs.reduce(0) { $0 + $1.target.content.size }
            #expect(status.needs[state] == NeedCount(needs: needs.count, bytes: size))
        }
        for number in 1...6 as ClosedRange<UInt64> {
            let sequences = model.needs.values.flatMap(\.sources).filter { $0.device == device(number) }.map(\.sequence)
            #expect(try index.reader.leastNeedSequence(of: device(number)) == sequences.min())
        }
        let loaded = try index.reader.load(paths)
        #expect(loaded.map(\.row) == paths.map { model.rows[$0] })
        #expect(loaded.map(\.need) == paths.map { model.needs[$0] })
    }

    @Test func unflushedNeedsAreApplied() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let names = ["a", "b", "c"]
        let needs = try names.enumerated().map { number, name in
            Need(target: fileRecord(try path(name), counter: UInt64(number + 1)), sources: [], state: .wanted)
        }
        try index.commit(IndexTransaction(needs: needs))
        #expect(index.status.needFiles == 3 && index.status.needBytes == 300)
        var change = IndexTransaction()
        change.needChanges = [
            NeedChange(path: try path("a"), state: .unflushed),
            NeedChange(path: try path("b"), state: .blocked, reason: "r"),
            NeedChange(path: try path("nothing"), state: .applying),
        ]
        try index.commit(change)
        #expect(index.status.needFiles == 2 && index.status.needBytes == 200)
        #expect(try index.reader.needs(.blocked, limit: 9).first?.reason == "r")
        #expect(try index.reader.needs(.wanted, after: try path("b"), limit: 9).map(\.path) == [try path("c")])
        try index.close()
    }
}
