/// Swift's text with everything blanked that isn't code, so that a rule isn't fooled by a comment or a message.
enum CodeText {
    /// Comments and strings, their interpolations too, become blanks; ends of lines stay.
    static func blanked(_ text: [UInt8]) -> [UInt8] {
        var scanner = Scanner(text: text)
        scanner.scan()
        return scanner.result
    }

    private struct Scanner {
        let text: [UInt8]
        var result: [UInt8]
        var place = 0

        init(text: [UInt8]) { (self.text, result) = (text, text) }

        mutating func scan() {
            while place < text.count {
                if starts("//") {
                    blankLine()
                } else if starts("/*") {
                    blankComment()
                } else if let hashes = quote() {
                    blankString(hashes: hashes)
                } else {
                    place += 1
                }
            }
        }

        private func starts(_ word: String, at offset: Int = 0) -> Bool {
            text[min(place + offset, text.count)...].starts(with: word.utf8)
        }

        private mutating func blank(_ count: Int = 1) {
            for index in place..<min(place + count, text.count) where text[index] != UInt8(ascii: "\n") {
                result[index] = UInt8(ascii: " ")
            }
            place = min(place + count, text.count)
        }

        private mutating func blankLine() {
            while place < text.count, text[place] != UInt8(ascii: "\n") { blank() }
        }

        private mutating func blankComment() {
            var depth = 0
            repeat {
                if starts("/*") { depth += 1; blank(2) } else if starts("*/") { depth -= 1; blank(2) } else { blank() }
            } while depth > 0 && place < text.count
        }

        /// The number of `#` before the quotation mark that is here, or nil.
        private func quote() -> Int? {
            var hashes = 0
            while starts("#", at: hashes) { hashes += 1 }
            return starts("\"", at: hashes) ? hashes : nil
        }

        private mutating func blankString(hashes: Int) {
            blank(hashes)
            let mark = starts("\"\"\"") ? "\"\"\"" : "\""
            let fence = String(repeating: "#", count: hashes)
            blank(mark.utf8.count)
            while place < text.count {
                if starts(mark + fence) { return blank(mark.utf8.count + hashes) }
                if starts("\\" + fence + "(") {
                    blankInterpolation(1 + hashes)
                } else if starts("\\" + fence) {
                    blank(2 + hashes)
                } else if mark.utf8.count == 1, text[place] == UInt8(ascii: "\n") {
                    return
                } else {
                    blank()
                }
            }
        }

        private mutating func blankInterpolation(_ introduction: Int) {
            blank(introduction)
            var depth = 0
            repeat {
                if let hashes = quote() { blankString(hashes: hashes); continue }
                if starts("(") { depth += 1 }
                if starts(")") { depth -= 1 }
                blank()
            } while depth > 0 && place < text.count
        }
    }
}
