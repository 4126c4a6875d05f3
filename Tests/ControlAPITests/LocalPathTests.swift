import ControlAPI
import Foundation
import SeededRandom
import Testing

struct LocalPathTests {
    /// The bytes, their text, and what a person sees.
    private static let rows: [([UInt8], String, String)] = [
        (Array("/home/ann/a b".utf8), "/home/ann/a b", "/home/ann/a b"),
        (Array("/100%/é/日本".utf8), "/100%/é/日本", "/100%/é/日本"),
        ([0x61, 0xff, 0x62], "a\0ffb", "a\\xffb"),
        ([0xc3, 0x28], "\0c3(", "\\xc3("),
        ([0xe2, 0x82], "\0e2\082", "\\xe2\\x82"),
        // An overlong slash, and half a surrogate pair.
        ([0xc0, 0xaf], "\0c0\0af", "\\xc0\\xaf"),
        ([0xed, 0xa0, 0x80], "\0ed\0a0\080", "\\xed\\xa0\\x80"),
        (Array("a\n\u{1b}[2J".utf8), "a\n\u{1b}[2J", "a\\x0a\\x1b[2J"),
        (Array("a\u{202e}b".utf8), "a\u{202e}b", "a\\u{202e}b"),
        ([], "", ""),
    ]

    @Test(arguments: rows)
    func everyPathHasItsText(row: (bytes: [UInt8], text: String, shown: String)) throws {
        let path = LocalPath(bytes: row.bytes)
        #expect(Array(path.text.utf8) == Array(row.text.utf8))
        #expect(path.description == row.shown)
        #expect(try #require(LocalPath(text: row.text)).bytes == row.bytes)
    }

    @Test func anyBytesComeBack() throws {
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 1...255, using: &generator) : UInt8.random(in: 0x2d...0x7a, using: &generator)
            }
            let path = LocalPath(bytes: bytes)
            #expect(LocalPath(text: path.text)?.bytes == bytes)
            let json = try JSONEncoder().encode([path])
            #expect(try JSONDecoder().decode([LocalPath].self, from: json) == [path])
        }
    }

    @Test(arguments: ["\0", "\0f", "a\0zz", "\0FF", "\041", "\0\0ff"])
    func otherTextIsNoPath(text: String) {
        #expect(LocalPath(text: text) == nil)
    }

    @Test func bytesEndAtNUL() {
        #expect(LocalPath(bytes: [0x61, 0, 0x62]).bytes == [0x61])
    }
}
