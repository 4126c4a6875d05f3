import ModelFolder
import SeededRandom
import SyncModel
import Testing

@testable import SyncCore

@Suite struct ConflictNameTests {
    private let digest: Bytes32

    init() throws {
        digest = try #require(
            Bytes32([0x1a, 0x2b, 0x3c, 0x4d, 0x5e, 0x6f, 0x70, 0x81] + [UInt8](repeating: 7, count: 24)))
    }

    private func copy(_ text: String, device: String = "lap") throws -> String {
        try ConflictName.path(of: RelativePath(text), deviceName: device, digest: digest).description
    }

    @Test(arguments: [
        ("a.txt", "a (conflict lap 1a2b3c4d).txt"),
        ("d/e/a.tar.gz", "d/e/a.tar (conflict lap 1a2b3c4d).gz"),
        ("README", "README (conflict lap 1a2b3c4d)"),
        (".bashrc", ".bashrc (conflict lap 1a2b3c4d)"),
        (".config.json", ".config (conflict lap 1a2b3c4d).json"),
        ("...", "... (conflict lap 1a2b3c4d)"),
        ("a.", "a. (conflict lap 1a2b3c4d)"),
        ("Mr. Smith", "Mr. Smith (conflict lap 1a2b3c4d)"),
        ("..a", "..a (conflict lap 1a2b3c4d)"),
        (".lanyardignore", ".lanyardignore (conflict lap 1a2b3c4d)"),
        ("a (conflict nas 00112233).txt", "a (conflict lap 1a2b3c4d).txt"),
        ("a (conflict nas.home 00112233)", "a (conflict lap 1a2b3c4d)"),
        ("a (conflict nas 0011223344556677).txt", "a (conflict lap 1a2b3c4d).txt"),
        ("a (conflict lap 1a2b3c4d).txt", "a (conflict lap 1a2b3c4d5e6f7081).txt"),
        ("a (conflict lap 1a2b3c4d5e6f7081).txt", "a (conflict lap 1a2b3c4d5e6f708107070707).txt"),
        ("a (conflict lap 1a2b3c4d5e6f7081070707070707070707070707).txt", "a (conflict lap 1a2b3c4d).txt"),
        ("a (conflict of interest).txt", "a (conflict of interest) (conflict lap 1a2b3c4d).txt"),
        (" (conflict nas 00112233)", " (conflict nas 00112233) (conflict lap 1a2b3c4d)"),
    ])
    func names(text: String, expected: String) throws {
        #expect(try copy(text) == expected)
    }

    @Test(arguments: [
        ("lap", "lap"), ("a/b", "a-b"), ("a\0b\nc", "a-b-c"), ("..hidden", "hidden"), ("", "device"), (". .", "device"),
        ("  x  ", "x"), ("laptop.local", "laptop.local"), ("Anna's (old)", "Anna's -old-"), ("\u{202e}evil", "-evil"),
        ("c:\\x", "c--x"), ("Küche", "Küche"),
        (String(repeating: "ü", count: 40), String(repeating: "ü", count: 32)),
    ])
    func deviceNames(text: String, expected: String) {
        #expect(String(decoding: ConflictName.sanitized(text), as: UTF8.self) == expected)
    }

    @Test func longNamesAreCutByBytesAndKeepTheirExtension() throws {
        let name = String(repeating: "ä", count: 125) + ".odt"
        let path = try RelativePath(name)
        let cut = ConflictName.path(of: path, deviceName: "lap", digest: digest)
        #expect(cut.name.count <= Limits.nameBytes && cut.name.count >= Limits.nameBytes - 1)
        #expect(String(validating: cut.bytes, as: UTF8.self) != nil)
        #expect(cut.description.hasSuffix(" (conflict lap 1a2b3c4d).odt"))
    }

    @Test func overlongExtensionsCountAsName() throws {
        let cut = try copy("a." + String(repeating: "e", count: 250))
        #expect(cut.utf8.count == Limits.nameBytes)
        #expect(cut.hasSuffix("e (conflict lap 1a2b3c4d)"))
    }

    @Test func namesOfOtherEncodingsAreCutPlainly() throws {
        let path = try RelativePath([UInt8](repeating: 0xe4, count: 255))
        let cut = ConflictName.path(of: path, deviceName: "lap", digest: digest)
        #expect(cut.bytes.count == 255)
        #expect(cut.bytes.starts(with: [UInt8](repeating: 0xe4, count: 255 - 24)))
    }

    @Test func withoutRoomTheCopyGoesToTheDirectoryAbove() throws {
        let deep = Array(repeating: String(repeating: "d", count: 120), count: 33).joined(separator: "/")
        let path = try RelativePath(deep + "/" + String(repeating: "x", count: 4_095 - deep.utf8.count - 1))
        let cut = ConflictName.path(of: path, deviceName: "lap", digest: digest)
        #expect(cut.parent == path.parent?.parent)
        #expect(cut.bytes.count <= Limits.pathBytes)
    }

    @Test func recordsOfEveryKind() throws {
        let origin = Origin(author: sampleAuthor(1), counter: 1)
        func record(_ content: Content) throws -> FileRecord {
            try FileRecord(
                path: RelativePath("a.b"), content: content, version: VersionVector(origin), origin: origin, edits: 1)
        }
        func copy(_ content: Content) throws -> String? {
            try ConflictName.path(of: record(content), deviceName: "lap") { target in
                target == [1] ? sampleBytes(4) : sampleBytes(5)
            }?.description
        }
        let file = Content.file(FileContent(size: 1, hash: ContentHash(digest)))
        #expect(try copy(file) == "a (conflict lap 1a2b3c4d).b")
        let digits = Hexadecimal.encode(sampleBytes(4).bytes.prefix(4))
        #expect(try copy(.symlink(target: [1])) == "a (conflict lap \(digits)).b")
        #expect(try copy(.directory) == nil)
        #expect(try copy(.deleted(movedTo: nil)) == nil)
    }

    /// Total, deterministic, never the same path, and stable in length however often a copy conflicts.
    @Test(arguments: 0..<40)
    func properties(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet: [[UInt8]] = [
            Array("a".utf8), Array("ä".utf8), Array("😀".utf8), [0x2e], [0xff], Array(" (conflict ".utf8), [0x29],
            Array("1a2b3c4d)".utf8), [0x20], [0x0a],
        ]
        for _ in 0..<50 {
            var name: [UInt8] = []
            let wanted = Int.random(in: 1...300, using: &generator)
            while name.count < wanted, let piece = alphabet.randomElement(using: &generator) { name += piece }
            guard let path = try? RelativePath(name.prefix(255)) else { continue }
            let first = ConflictName.path(of: path, deviceName: "lap", digest: digest)
            #expect(first != path)
            #expect(first == ConflictName.path(of: path, deviceName: "lap", digest: digest))
            let second = ConflictName.path(of: first, deviceName: "nas", digest: sampleBytes(seed))
            let third = ConflictName.path(of: second, deviceName: "nas", digest: sampleBytes(seed))
            #expect(second != first && third != second)
            #expect(third.bytes.count <= second.bytes.count + 8)
        }
    }
}
