import ControlAPI
import Testing

/// Whatever a name holds, a terminal shows it and does nothing else.
struct DisplayTextTests {
    private static let rows: [(text: String, shown: String)] = [
        ("", ""), ("plain é 日本 👩", "plain é 日本 👩"),
        ("\u{1b}[31mred", "\\x1b[31mred"), ("\u{9b}2J", "\\x9b2J"), ("a\u{7f}b", "a\\x7fb"), ("\t", "\\x09"),
        ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"), ("\u{200b}\u{200d}\u{feff}", "\\u{200b}\\u{200d}\\u{feff}"),
        ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\r\n", "\\x0d\\x0a"), ("\u{ad}", "\\xad"),
        // NUL by itself, and the form of a byte that is no UTF-8.
        ("a\0b", "a\\x00b"), ("a\0ffb", "a\\xffb"), ("\080\0c3(", "\\x80\\xc3("), ("\0FF", "\\x00FF"),
        ("\041", "\\x0041"), ("\0", "\\x00"), ("\0f", "\\x00f"), ("\0\0ff", "\\x00\\xff"),
    ]

    @Test(arguments: rows) func controlsAreShown(row: (text: String, shown: String)) {
        #expect(DisplayText.printable(row.text) == row.shown)
    }

    @Test func nothingThatIsShownIsAControl() {
        for value in UInt32(0)...0x3000 {
            guard let scalar = UnicodeScalar(value) else { continue }
            let shown = DisplayText.printable("a\(Character(scalar))b")
            #expect(shown.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "\(value)")
            #expect(DisplayText.printable(shown) == shown, "\(value)")
        }
    }

    @Test func linesStayLines() {
        #expect(DisplayText.printableLines("a\u{1b}\n\nb\0ff\n") == "a\\x1b\n\nb\\xff\n")
        #expect(DisplayText.printableLines("") == "")
    }

    /// The words of a command and a path of the agent show a name in the same way.
    @Test func bytesAreShownAsInAPath() {
        for byte in UInt8(0x80)...0xff {
            let path = LocalPath(bytes: [0x61, byte, 0x62])
            #expect(DisplayText.printable(path.text) == path.description)
        }
    }
}
