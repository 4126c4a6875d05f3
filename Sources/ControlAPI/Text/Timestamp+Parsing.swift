extension Timestamp {
    /// A date of RFC 3339, with `Z` or an offset, `T` or a space; or a date alone, which is its midnight in UTC.
    public init?(_ text: String) {
        var reader = DigitReader(rest: text.utf8[...])
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month), (1...Self.length(ofMonth: month, year)).contains(day)
        else { return nil }
        let midnight = Self.days(year: year, month: month, day: day) * 86_400
        if reader.rest.isEmpty {
            self.init(seconds: midnight)
            return
        }
        guard reader.take("T") || reader.take("t") || reader.take(" "), let time = reader.time(),
            let fraction = reader.fraction(), let offset = reader.offset(), reader.rest.isEmpty
        else { return nil }
        self.init(seconds: midnight + time - offset, nanoseconds: fraction)
    }

    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        let following = month == 12 ? (year: year + 1, month: Int64(1)) : (year: year, month: month + 1)
        return days(year: following.year, month: following.month, day: 1) - days(year: year, month: month, day: 1)
    }
}

/// Reads fixed fields of digits.
private struct DigitReader {
    var rest: Substring.UTF8View

    mutating func take(_ character: Character) -> Bool {
        guard let byte = character.asciiValue, rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ digits: Int) -> Int64? {
        let field = rest.prefix(digits)
        guard field.count == digits, field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(digits)
        return field.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Seconds since midnight. A leap second counts as the second before it.
    mutating func time() -> Int64? {
        guard let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + min(second, 59)
    }

    /// Nanoseconds; further digits are cut off.
    mutating func fraction() -> UInt32? {
        guard take(".") else { return 0 }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        var nanoseconds: UInt32 = 0
        var weight: UInt32 = 100_000_000
        for digit in digits.prefix(9) {
            nanoseconds += UInt32(digit - 0x30) * weight
            weight /= 10
        }
        return nanoseconds
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let west = take("-")
        guard west || take("+"), let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60
        else { return nil }
        return (hour * 3_600 + minute * 60) * (west ? -1 : 1)
    }
}
