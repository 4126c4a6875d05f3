import SeededRandom
import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct CorruptionTests {
    /// A closed index of some rows, in one file.
    private func makeFile(_ directory: TemporaryDirectory) throws -> [UInt8] {
        let index = try makeIndex(directory)
        var random = SeededGenerator(seed: 3)
        let rows = try random.paths(500).enumerated().map { try random.row($1, sequence: UInt64($0 + 1)) }
        try index.commit(IndexTransaction(rows: rows))
        try index.close()
        return try readFile(directory.index)
    }

    /// Opens and checks everything; the error's code, nil if all is well.
    private func examine(_ directory: TemporaryDirectory) -> IndexError.Code? {
        do throws(IndexError) {
            let index = try FolderIndex.open(path: directory.index, folder: folderA, device: deviceA)
            do throws(IndexError) {
                try index.checkIntegrity(.content)
            } catch {
                try index.close()
                throw error
            }
            try index.close()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func flippedBytesAreDamage() throws {
        let directory = try TemporaryDirectory()
        let whole = try makeFile(directory)
        #expect(examine(directory) == nil)
        var random = SeededGenerator(seed: 8)
        var found = 0
        for _ in 0..<40 {
            var bytes = whole
            let start = Int.random(in: 4_096..<whole.count - 64, using: &random)
            for index in start..<start + 64 { bytes[index] ^= 0x5a }
            try writeFile(bytes, to: directory.index)
            let code = examine(directory)
            #expect(code == nil || code == .corrupt, "at \(start): \(String(describing: code))")
            if code == .corrupt { found += 1 }
        }
        // The rest fell into bytes that carry nothing: free space of a page.
        #expect(found >= 10)
    }

    /// Whoever is killed while it makes an index finds a file without an identity, and nothing in it.
    @Test func anIndexThatWasNotMadeToTheEndIsUnfinished() throws {
        let directory = try TemporaryDirectory()
        try writeFile([], to: directory.index)
        #expect(examine(directory) == .unfinished)
        let other = try TemporaryDirectory()
        _ = try makeFile(other)
        for (table, code) in [("identity", IndexError.Code.corrupt), ("record", .unfinished)] {
            let connection = try Connection.open(other.index, schema: .folder)
            try connection.hold { try $0.run("DELETE FROM \(table)") }
            try connection.close()
            #expect(examine(other) == code)
        }
    }

    @Test func aTruncatedFileIsDamage() throws {
        let directory = try TemporaryDirectory()
        let whole = try makeFile(directory)
        for count in [100, 4_096, whole.count / 2, whole.count - 4_096] {
            try writeFile(Array(whole[..<count]), to: directory.index)
            #expect(examine(directory) == .corrupt, "of \(count) bytes")
        }
    }

    @Test func whatIsNoDatabaseOfOursIsDamage() throws {
        let directory = try TemporaryDirectory()
        try writeFile(Array(repeating: 0x41, count: 10_000), to: directory.index)
        #expect(examine(directory) == .corrupt)
        #expect(throws: IndexError(.corrupt, "")) { try DeviceStore.open(path: directory.index) }
        let store = try DeviceStore.create(path: directory.device)
        try store.close()
        #expect(throws: IndexError(.corrupt, "")) {
            try FolderIndex.open(path: directory.device, folder: folderA, device: deviceA)
        }
    }

    @Test func aWrongTotalOrDigestIsFound() throws {
        for change in [
            "UPDATE total SET value = value + 1 WHERE name = 'files'", "DELETE FROM digest WHERE bucket = 256",
            "DELETE FROM record WHERE sequence = 7", "DELETE FROM identity", "UPDATE record SET detail = x'01'",
            "UPDATE total SET name = 'other' WHERE name = 'files'", "UPDATE record SET key = x'2f' WHERE sequence = 7",
        ] {
            let directory = try TemporaryDirectory()
            _ = try makeFile(directory)
            let index = try openIndex(directory)
            try index.connection.hold { try $0.run(change) }
            try index.close()
            #expect(examine(directory) == .corrupt, "\(change)")
        }
    }

    @Test func existingMissingAndForeignFilesAreTold() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: IndexError(.missing, "")) { try openIndex(directory) }
        try makeIndex(directory).close()
        #expect(throws: IndexError(.exists, "")) { try makeIndex(directory) }
        #expect(throws: IndexError(.foreign, "")) {
            try FolderIndex.open(path: directory.index, folder: folderA, device: device(2))
        }
        #expect(throws: IndexError(.foreign, "")) {
            try FolderIndex.open(path: directory.index, folder: FolderID(high: 1, low: 3), device: deviceA)
        }
        #expect(throws: IndexError(.inputOutput, "")) {
            try FolderIndex.create(
                path: directory.path + "/none/index.sqlite", folder: folderA, device: deviceA, newEpoch: epochA)
        }
    }

    // MARK: Versions

    @Test func aNewerSchemaIsRefusedUntouched() throws {
        let directory = try TemporaryDirectory()
        let index = try makeIndex(directory)
        try index.connection.hold { try $0.run("PRAGMA user_version = \(Schema.folder.version + 1)") }
        try index.close()
        let before = try readFile(directory.index)
        #expect(throws: IndexError(.newerSchema, "")) { try openIndex(directory) }
        #expect(try readFile(directory.index) == before)
        let store = try DeviceStore.create(path: directory.device)
        try store.connection.hold { try $0.run("PRAGMA user_version = \(Schema.device.version + 1)") }
        try store.close()
        #expect(throws: IndexError(.newerSchema, "")) { try DeviceStore.open(path: directory.device) }
    }

    @Test func migrationRunsWhatIsMissingOrNothing() throws {
        let directory = try TemporaryDirectory()
        let one = Schema(applicationID: 5, scripts: [Array("CREATE TABLE a (x INTEGER) STRICT;".utf8)])
        let two = Schema(applicationID: 5, scripts: one.scripts + [Array("CREATE TABLE b (x INTEGER) STRICT;".utf8)])
        let broken = Schema(
            applicationID: 5,
            scripts: one.scripts + [Array("CREATE TABLE c (x INTEGER) STRICT; CREATE TABLE a (y);".utf8)])
        func tables(_ connection: Connection) throws -> [String] {
            try connection.hold { try Command($0, "SELECT name FROM sqlite_schema ORDER BY name").all { $0.text(0) } }
        }
        try Connection.create(directory.index, schema: one).close()
        #expect(throws: IndexError.self) { try Connection.open(directory.index, schema: broken) }
        let unchanged = try Connection.open(directory.index, schema: one)
        #expect(try tables(unchanged) == ["a"])
        try unchanged.close()
        let migrated = try Connection.open(directory.index, schema: two)
        #expect(try tables(migrated) == ["a", "b"])
        try migrated.close()
        #expect(throws: IndexError(.newerSchema, "")) { try Connection.open(directory.index, schema: one) }
    }
}
