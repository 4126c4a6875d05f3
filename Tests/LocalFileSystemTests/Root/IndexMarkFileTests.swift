import SyncModel
import Testing

@testable import LocalFileSystem

/// What a folder remembers of its index.
@Suite struct IndexMarkFileTests {
    let directory: TemporaryDirectory
    let device: DeviceID

    init() throws {
        directory = try TemporaryDirectory()
        device = DeviceID(try #require(Bytes32((0..<32).map { UInt8($0) })))
    }

    private func mark(_ sequence: UInt64) -> IndexMark {
        IndexMark(device: device, epoch: IndexEpoch(0xfedc), sequence: sequence, nextEdit: .max)
    }

    @Test func whatWasWrittenLastIsThereWhenItIsOpenedAgain() throws {
        let folder = try OpenFolder(at: directory.path, folder: FolderID(high: 1, low: 1), creating: true)
        let file = try IndexMarkFile(of: folder)
        #expect(try file.read() == nil)
        for sequence in [0, 7, .max, 3] as [UInt64] {
            try file.write(mark(sequence))
            #expect(try file.read() == mark(sequence))
            #expect(try IndexMarkFile(of: folder).read() == mark(sequence))
        }
        #expect(
            directory.read(".lanyard/mark") == """
                lanyard mark 1
                000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
                000000000000fedc
                0000000000000003
                ffffffffffffffff
                51653ea165fc8a82

                """)
    }

    /// Nothing else may pass for a mark: an index would be set aside for it.
    @Test func whatIsTornIsNoMark() throws {
        let bytes = IndexMarkFile.bytes(mark(5))
        let later = IndexMarkFile.bytes(mark(0x6006))
        #expect(bytes.count == IndexMarkFile.length && later.count == bytes.count)
        #expect(IndexMarkFile.mark(bytes) == mark(5))
        for cut in 0..<bytes.count { #expect(IndexMarkFile.mark(Array(bytes.prefix(cut))) == nil) }
        for cut in 1..<bytes.count {
            let torn = Array(later.prefix(cut) + bytes.dropFirst(cut))
            if torn != bytes, torn != later { #expect(IndexMarkFile.mark(torn) == nil) }
        }
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 1
            #expect(IndexMarkFile.mark(flipped) == nil)
        }
    }

    @Test func aLinkInItsPlaceIsNotFollowed() throws {
        let folder = try OpenFolder(at: directory.path, folder: FolderID(high: 1, low: 1), creating: true)
        try directory.write("victim", "a person's")
        try directory.link(".lanyard/mark", to: "../victim")
        #expect(throws: FileSystemError.self) { _ = try IndexMarkFile(of: folder) }
        #expect(directory.read("victim") == "a person's")
    }
}
