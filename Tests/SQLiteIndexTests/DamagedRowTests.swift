import Glibc
import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

/// Damage that SQLite can't see: whoever reads it is told, and nothing else happens.
@Suite struct DamagedRowTests {
    /// Nil where something was read.
    private func code(_ body: () throws -> Void) -> IndexError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? IndexError)?.code ?? .other
        }
    }

    private func set(_ table: String, _ detail: [UInt8], _ index: FolderIndex) throws {
        try index.connection.hold { database in
            let update = try Command(database, "UPDATE \(table) SET detail = ?")
            update.bind(1, detail)
            try update.run()
        }
    }

    /// Every bit, every cut and random bytes in the blob of a row: read as another row or told as damage.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func aDamagedRowIsReadOrTold(seed: UInt64) throws {
        try withIndex(seed) { index, random in
            let row = try random.row(path("a/b"), sequence: 1)
            try index.commit(IndexTransaction(rows: [row]))
            let detail = try index.connection.hold { try Command($0, "SELECT detail FROM record").first { $0.blob(0) } }
            let whole = try #require(detail)
            var told = 0
            for (number, damaged) in DamagedRowTests.damage(to: whole, &random).enumerated() {
                try set("record", damaged, index)
                let code = self.code { _ = try index.reader.row(row.record.path) }
                #expect(code == nil || code == .corrupt, "seed \(seed), \(number): \(String(describing: code))")
                #expect(self.code { _ = try index.reader.rows(limit: 9) } == (row.record.isDeleted ? nil : code))
                if code != nil { told += 1 }
                // What a walk reads is a part of the blob.
                let part = self.code {
                    var cursor = index.reader.cursor()
                    while try cursor.next() != nil {}
                }
                #expect(part == nil || part == .corrupt)
            }
            #expect(told > whole.count / 2, "seed \(seed)")
            try set("record", whole, index)
            #expect(try index.reader.row(row.record.path) == row)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func aDamagedNeedIsReadOrTold(seed: UInt64) throws {
        try withIndex(seed) { index, random in
            let need = try random.need(path("a/b"))
            var other = need.target
            other.path = try path("other")
            try index.commit(IndexTransaction(needs: [need]))
            let detail = try index.connection.hold { try Command($0, "SELECT detail FROM need").first { $0.blob(0) } }
            let whole = try #require(detail)
            for (number, damaged) in DamagedRowTests.damage(to: whole, &random).enumerated() {
                try set("need", damaged, index)
                let code = self.code { _ = try index.reader.needs(need.state, limit: 9) }
                #expect(code == nil || code == .corrupt, "seed \(seed), \(number): \(String(describing: code))")
                #expect(self.code { _ = try index.reader.load([need.path]) } == code)
                // A transaction that meets it changes nothing.
                let status = index.status
                guard code != nil else { continue }
                var transaction = IndexTransaction(needs: [need])
                // No further device gets a number, which the damaged bytes may name.
                transaction.rows = [IndexRow(record: other, sequence: 1, disk: nil, source: nil)]
                #expect(self.code { try index.commit(transaction) } == .corrupt)
                #expect(try index.status == status && index.reader.row(path("other")) == nil)
            }
            try set("need", whole, index)
            #expect(try index.reader.needs(need.state, limit: 9) == [need])
        }
    }

    /// Every single bit, every cut, longer ones, and some random bytes.
    private static func damage(to whole: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
        var damaged = whole.indices.flatMap { place in
            (0..<8).map { bit in
                var bytes = whole
                bytes[place] ^= 1 << UInt8(bit)
                return bytes
            }
        }
        damaged += whole.indices.map { Array(whole[..<$0]) }
        damaged.append(whole + [0])
        damaged.append([1] + [UInt8](repeating: 0xff, count: 40))
        for _ in 0..<100 { damaged.append([1] + random.bytes(0...60)) }
        return damaged
    }

    /// A machine that went down while the log of the database was written: cut anywhere, it gives some commit, whole.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func aTornLogGivesAWholeCommit(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        var random = SeededGenerator(seed: seed)
        let paths = try random.paths(20)
        var sequence: IndexSequence = 0
        var pictures = [index.status.mark: index.rootDigest]
        for _ in 0..<8 {
            var transaction = IndexTransaction()
            for path in paths where random.chance(50) {
                sequence += 1
                transaction.rows.append(try random.row(path, sequence: sequence))
            }
            try index.commit(transaction)
            pictures[index.status.mark] = index.rootDigest
        }
        // As they are on the disk while the index is open; a close would write the log back.
        let (main, log) = (try readFile(directory.index), try readFile(directory.index + "-wal"))
        try #require(log.count > 20_000)
        var seen: Set<IndexSequence> = []
        let copy = try TemporaryDirectory()
        for cut in Array(stride(from: 0, to: log.count, by: log.count / 60)) + [log.count] {
            for suffix in ["-wal", "-shm"] { unlink(copy.index + suffix) }
            try writeFile(main, to: copy.index)
            var torn = Array(log[..<cut])
            // What was under way there may be anything.
            if random.chance(50) { torn += random.bytes(1...200) }
            try writeFile(torn, to: copy.index + "-wal")
            let opened: FolderIndex
            do { opened = try openIndex(copy) } catch {
                // Not even its making was complete.
                #expect(error as? IndexError == IndexError(.unfinished, "") && cut < log.count / 2, "cut at \(cut)")
                continue
            }
            try opened.checkIntegrity(.content)
            #expect(pictures[opened.status.mark] == opened.rootDigest, "cut at \(cut)")
            seen.insert(opened.status.mark.sequence)
            try opened.close()
        }
        #expect(seen.contains(sequence) && seen.count > 4)
        try index.close()
    }
}
