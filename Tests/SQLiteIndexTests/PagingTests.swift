import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// Whatever the size of a page, the pages of a query are what a plain model says, each once and in order.
@Suite struct PagingTests {
    /// All items of a query that is paged by path.
    private func all<Item>(
        _ limit: Int, _ path: (Item) -> RelativePath, _ page: (RelativePath?, Int) throws -> [Item]
    ) throws -> [Item] {
        var items: [Item] = []
        while true {
            let next = try page(items.last.map(path), limit)
            #expect(next.count <= limit)
            items += next
            if next.count < limit { return items }
        }
    }

    /// An index of many paths, with some that differ only in what comes after a name.
    private func fill(_ index: FolderIndex, _ random: inout SeededGenerator) throws -> [IndexRow] {
        var paths = Set(try random.paths(150))
        for text in ["a", "a/b", "a/b/c", "a\u{1}", "a\u{1}/b", "a b", "a.b", "a-", "a0", "aa"] {
            paths.insert(try path(text))
        }
        var rows: [IndexRow] = []
        for (number, path) in paths.sorted().shuffled(using: &random).enumerated() {
            var row = try random.row(path, sequence: UInt64(number * 2 + 1))
            if random.chance(25) { row.standing = random.chance(50) ? .found : .old }
            rows.append(row)
        }
        try index.commit(IndexTransaction(rows: rows))
        return rows
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func pagesAreTheModels(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var random = SeededGenerator(seed: seed)
        let rows = try fill(index, &random).sorted { $0.record.path < $1.record.path }
        let live = rows.filter { !$0.record.isDeleted }
        let (reader, name) = (index.reader, { (row: IndexRow) in row.record.path })
        for limit in [1, 2, 7, rows.count, rows.count + 1] {
            #expect(try all(limit, name) { try reader.rows(after: $0, limit: $1) } == live)
            #expect(
                try all(limit, name) { try reader.tombstones(after: $0, limit: $1) }
                    == rows.filter { $0.record.isDeleted })
            #expect(
                try all(limit, name) { try reader.conflicts(after: $0, limit: $1) }
                    == live.filter { $0.record.conflictOf != nil })
            #expect(
                try all(limit, name) { try reader.unsettled(after: $0, limit: $1).map(\.row) }
                    == rows.filter { $0.standing != .agreed })
            for parent in [nil] + live.filter({ $0.record.content.isDirectory }).map(\.record.path).prefix(12) {
                let below = live.filter { row in parent.map { row.record.path.isBelow($0) } ?? true }
                #expect(try all(limit, name) { try reader.rows(after: $0, below: parent, limit: $1) } == below)
                let children = below.filter { $0.record.path.parent == parent }
                #expect(try all(limit, name) { try reader.children(of: parent, after: $0, limit: $1) } == children)
            }
        }
        try index.close()
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func needsAreTheModels(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var random = SeededGenerator(seed: seed)
        var needs: [RelativePath: Need] = [:]
        for _ in 0..<5 {
            var transaction = IndexTransaction()
            for path in try random.paths(60) {
                let need = try random.need(path)
                transaction.needs.append(need)
                needs[path] = need
            }
            try index.commit(transaction)
            for state in NeedState.allCases {
                let expected = needs.values.filter { $0.state == state }.sorted { $0.path < $1.path }
                for limit in [1, 3, 50] {
                    let found = try all(limit, \.path) { try index.reader.needs(state, after: $0, limit: $1) }
                    #expect(found == expected, "\(state), \(limit)")
                }
            }
        }
        try index.close()
    }

    /// The log, page by page, with one's own left out, and nothing beyond what was looked at.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func theLogIsTheModels(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var random = SeededGenerator(seed: seed)
        let rows = try fill(index, &random).sorted { $0.sequence < $1.sequence }
        for limit in [1, 2, 9, 1_000] {
            let excluded: DeviceID? = random.chance(70) ? random.anyDevice() : nil
            let log = try excluded.map { try follow(index, $0) }
            let start = random.chance(50) ? 0 : UInt64.random(in: 0...150, using: &random)
            let expected = rows.filter { row in
                row.sequence > start && row.standing == .agreed
                    && (excluded == nil || row.source != excluded)
            }
            var (found, position, pages) = ([IndexRow](), start, 0)
            while true {
                let page = try index.reader.log(
                    after: position, limit: limit, excluding: log)
                #expect(page.rows.allSatisfy { $0.sequence > position && $0.sequence <= page.lookedAt })
                #expect(page.head == rows.last?.sequence && page.rows.count <= limit)
                found += page.rows
                pages += 1
                if page.isLast { break }
                try #require(page.lookedAt > position && pages < 1_000)
                position = page.lookedAt
            }
            #expect(found == expected, "seed \(seed), limit \(limit)")
        }
        try index.close()
    }

    /// Paths that come and go between two pages neither hide another nor show one twice.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func whatStaysIsThereOnceWhateverComesAndGoes(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var random = SeededGenerator(seed: seed)
        let rows = try fill(index, &random).filter { !$0.record.isDeleted }
        let moving = Set(rows.map(\.record.path).filter { _ in random.chance(40) })
        let staying = rows.map(\.record.path).filter { !moving.contains($0) }.sorted()
        var sequence = index.status.mark.sequence
        var found: [RelativePath] = []
        while true {
            let page = try index.reader.rows(after: found.last, limit: 5).map(\.record.path)
            found += page
            if page.count < 5 { break }
            var transaction = IndexTransaction()
            for path in moving.sorted() where random.chance(30) {
                if random.chance(50) {
                    transaction.droppedRows.append(path)
                } else {
                    sequence += 1
                    transaction.rows.append(try random.row(path, sequence: sequence))
                }
            }
            try index.commit(transaction)
        }
        #expect(found == found.sorted() && Set(found).count == found.count)
        #expect(found.filter { !moving.contains($0) } == staying, "seed \(seed)")
        try index.close()
    }
}
