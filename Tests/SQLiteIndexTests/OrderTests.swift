import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct OrderTests {
    private func fill(_ index: FolderIndex, seed: UInt64, count: Int) throws -> [IndexRow] {
        var random = SeededGenerator(seed: seed)
        let rows = try random.paths(count).enumerated().map { try random.row($1, sequence: UInt64($0 + 1)) }
        try index.commit(IndexTransaction(rows: rows))
        return rows
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func theCursorWalksInPathOrder(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let live = try fill(index, seed: seed, count: 2_500).filter { !$0.record.isDeleted }
            .sorted { $0.record.path < $1.record.path }
        let reader = try index.makeReader()
        var cursor = reader.cursor()
        var walked: [IndexEntry] = []
        while let entry = try cursor.next() { walked.append(entry) }
        #expect(walked.map(\.path) == live.map(\.record.path))
        #expect(walked.map(\.disk) == live.map(\.disk))
        #expect(walked.map(\.sequence) == live.map(\.sequence))
        let middle = live[live.count / 2].record.path
        var rest = reader.cursor(after: middle)
        #expect(try rest.next()?.path == live[live.count / 2 + 1].record.path)
        #expect(try reader.rows(after: middle, limit: 10) == Array(live[(live.count / 2 + 1)...].prefix(10)))
        try reader.close()
        try index.close()
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func subtreesAndChildrenAreExact(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let live = try fill(index, seed: seed, count: 600).filter { !$0.record.isDeleted }.map(\.record.path).sorted()
        let parents = Set(live.compactMap(\.parent) + live.prefix(40))
        for parent in parents {
            let below = live.filter { $0.isBelow(parent) }
            #expect(try index.reader.rows(below: parent, limit: 1_000).map(\.record.path) == below)
            #expect(try index.reader.hasLiveBelow(parent) == !below.isEmpty)
            let children = below.filter { $0.parent == parent }
            #expect(try index.reader.children(of: parent, limit: 1_000).map(\.record.path) == children)
            if let first = children.first {
                let rest = try index.reader.children(of: parent, after: first, limit: 1_000)
                #expect(rest.map(\.record.path) == Array(children.dropFirst()))
            }
        }
        let top = live.filter { $0.parent == nil }
        #expect(try index.reader.children(of: nil, limit: 1_000).map(\.record.path) == top)
        #expect(try index.reader.children(of: nil, limit: 3).map(\.record.path) == Array(top.prefix(3)))
        try index.close()
    }

    @Test func aReaderSeesWholeCommitsOnly() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let reader = try index.makeReader()
        let record = fileRecord(try path("a"), counter: 1)
        #expect(try reader.row(record.path) == nil)
        let row = IndexRow(record: record, sequence: 1, disk: nil, source: device(7))
        try index.commit(IndexTransaction(rows: [row]))
        #expect(try reader.row(record.path) == row)
        try index.connection.hold { database in
            try database.run("BEGIN IMMEDIATE")
            try database.run("DELETE FROM record")
            let seen = try reader.row(record.path)
            #expect(seen == row)
            try database.run("ROLLBACK")
        }
        try reader.close()
        try index.close()
    }

    @Test func theLogIsPagedWithoutOnesOwnEcho() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let rows = try (1...500).map { number in
            IndexRow(
                record: fileRecord(try path("f\(number)"), counter: number), sequence: number * 2, disk: nil,
                source: number.isMultiple(of: 3) ? nil : device(2 + number % 2))
        }
        try index.commit(IndexTransaction(rows: rows))
        for excluded in [nil, device(2), device(3), device(77)] {
            let log = try excluded.map { try follow(index, $0) }
            var position: IndexSequence = 0
            var seen: [IndexRow] = []
            var pages = 0
            while true {
                let page = try index.reader.log(after: position, limit: 7, excluding: log)
                #expect(page.rows.count <= 7 && page.rows.allSatisfy { $0.sequence <= page.lookedAt })
                seen += page.rows
                position = page.lookedAt
                pages += 1
                if page.isLast { break }
            }
            #expect(seen == rows.filter { excluded == nil || $0.source != excluded })
            #expect(position == 1_000 && pages > 1)
        }
        var dropped = IndexTransaction()
        dropped.droppedRows = [try path("f500"), try path("nothing")]
        try index.commit(dropped)
        let end = try index.reader.log(after: 998, limit: 7)
        #expect(end.rows.isEmpty && end.isLast && end.lookedAt == 1_000)
        try index.close()
    }

    @Test func aLongRunOfExcludedRowsStillAdvances() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let rows = try (1...100).map { number in
            IndexRow(
                record: fileRecord(try path("f\(number)"), counter: number), sequence: number, disk: nil,
                source: number == 100 ? nil : device(2))
        }
        try index.commit(IndexTransaction(rows: rows))
        let first = try index.reader.log(after: 0, limit: 2, excluding: follow(index, device(2)))
        #expect(first.rows.isEmpty && first.lookedAt == 34 && !first.isLast)
        try index.close()
    }
}
