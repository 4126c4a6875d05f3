/// A line of code as words and single other characters.
enum Words {
    static func split(_ line: [UInt8]) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        func isPart(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                true
            default: false
            }
        }
        for byte in line {
            if isPart(byte) {
                word.append(byte)
                continue
            }
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word = []
            if byte != UInt8(ascii: " ") { words.append(String(UnicodeScalar(byte))) }
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
