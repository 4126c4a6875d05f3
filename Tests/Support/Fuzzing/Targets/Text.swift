import ControlAPI

extension FuzzTargets {
    /// What stands in questions and answers of the local API, and on a terminal: paths, moments, text from elsewhere.
    static let text = FuzzTarget("text") {
        [
            "2026-11-24T07:16:16Z", "2026-11-24 07:16:16.123456789+23:59", "0000-01-01", "9999-12-31T23:59:60Z",
            "2024-02-29", "/srv/documents", "a\0ffb", "a\0", "\u{1b}[31m", "a\u{202e}b\u{2028}",
        ].map { Array($0.utf8) } + [[0x61, 0xff, 0xc3, 0xa9, 0xf0, 0x9f], [0xed, 0xa0, 0x80]]
    } check: { input in
        let path = LocalPath(bytes: input)
        try hold(LocalPath(text: path.text) == path, "a path is another by its text")
        try hold(printable(path.description) == path.description, "a path's description is not printable")
        let text = String(decoding: input, as: UTF8.self)
        if let path = LocalPath(text: text) {
            try hold(LocalPath(text: path.text) == path, "a path is another by its text")
        }
        try hold(printable(printable(text)) == printable(text), "printable text is changed")
        for scalar in printable(text).unicodeScalars {
            try hold(scalar.value >= 0x20 && scalar.value != 0x7f, "a control character is printed")
        }
        if let moment = Timestamp(text) {
            try hold(Timestamp(moment.description) == moment, "\(moment) is read as another")
        }
    }

    private static func printable(_ text: String) -> String { DisplayText.printable(text) }
}
