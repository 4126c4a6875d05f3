/// A set of byte values.
struct ByteSet: Hashable, Sendable {
    private var words: (low: UInt64, second: UInt64, third: UInt64, high: UInt64) = (0, 0, 0, 0)

    mutating func insert(_ byte: UInt8) {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.low |= bit
        case 1: words.second |= bit
        case 2: words.third |= bit
        default: words.high |= bit
        }
    }

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range { insert(byte) }
    }

    mutating func insert(where predicate: (UInt8) -> Bool) {
        for byte in UInt8.min...UInt8.max where predicate(byte) { insert(byte) }
    }

    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: words.low
            case 1: words.second
            case 2: words.third
            default: words.high
            }
        return word >> UInt64(byte & 63) & 1 == 1
    }

    var inverted: ByteSet {
        var set = self
        set.words = (~words.low, ~words.second, ~words.third, ~words.high)
        return set
    }

    static func == (left: ByteSet, right: ByteSet) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.low)
        hasher.combine(words.second)
        hasher.combine(words.third)
        hasher.combine(words.high)
    }
}

extension ByteSet {
    /// The bytes of a POSIX class, ASCII only, as git knows it; nil for an unknown name.
    init?(className: ArraySlice<UInt8>) {
        self.init()
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        switch String(decoding: className, as: UTF8.self) {
        case "alnum": insert(where: { upper.contains($0) || lower.contains($0) || digits.contains($0) })
        case "alpha": insert(where: { upper.contains($0) || lower.contains($0) })
        case "blank": insert(where: { $0 == 0x20 || $0 == 0x09 })
        case "cntrl": insert(where: { $0 < 0x20 || $0 == 0x7f })
        case "digit": insert(digits)
        case "graph": insert(0x21...0x7e)
        case "lower": insert(lower)
        case "print": insert(0x20...0x7e)
        case "punct":
            insert(where: {
                (0x21...0x7e).contains($0) && !upper.contains($0) && !lower.contains($0) && !digits.contains($0)
            })
        case "space": insert(where: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d })
        case "upper": insert(upper)
        case "xdigit":
            insert(digits)
            insert(UInt8(ascii: "A")...UInt8(ascii: "F"))
            insert(UInt8(ascii: "a")...UInt8(ascii: "f"))
        default: return nil
        }
    }
}
