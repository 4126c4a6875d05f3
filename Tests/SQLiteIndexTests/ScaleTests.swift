import Glibc
import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct ScaleTests {
    /// A tree of ordinary paths of about forty bytes: the database must not cost more than promised.
    @Test func aHundredThousandFilesFit() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        let count: UInt64 = 100_000
        var pathBytes = 0
        var transaction = IndexTransaction()
        for number in 1...count {
            let path = try path("projects/module-\(number / 100)/sources/file-\(number).swift")
            pathBytes += path.bytes.count
            let record = fileRecord(path, counter: number, size: 4_096)
            transaction.rows.append(
                IndexRow(
                    record: record, sequence: number, disk: stat(of: record, inode: 1_000_000 + number), source: nil))
            if transaction.rows.count == 10_000 {
                try index.commit(transaction)
                transaction.rows = []
            }
        }
        #expect(index.status.files == Int(count) && index.status.bytes == count * 4_096)
        try index.checkIntegrity(.structure)
        try index.close()
        let file = try #require(fopen(directory.index, "rb"))
        defer { fclose(file) }
        #expect(fseek(file, 0, SEEK_END) == 0)
        // The digest's states cost the same whatever the number of files.
        let bytesPerFile = Double(ftell(file) - 526_000) / Double(count)
        print("\(bytesPerFile) bytes of database a file, of which \(Double(pathBytes) / Double(count)) are its path")
        #expect(bytesPerFile <= 250)
    }
}
