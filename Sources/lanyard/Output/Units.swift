/// Numbers for people.
enum Units {
    /// `12,345`.
    static func count(_ value: UInt64) -> String {
        let digits = String(value)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// `1 file`, `12,345 files`.
    static func files(_ value: UInt64) -> String { count(value) + (value == 1 ? " file" : " files") }

    /// Decimal units, three digits: `999 B`, `1.2 kB`, `34.5 MB`, `678 GB`.
    static func bytes(_ value: UInt64) -> String {
        if value < 1_000 { return "\(value) B" }
        var tenths = value / 100
        for unit in ["kB", "MB", "GB", "TB", "PB", "EB"] {
            if tenths < 1_000 { return "\(tenths / 10).\(tenths % 10) \(unit)" }
            if tenths < 10_000 { return "\(tenths / 10) \(unit)" }
            tenths /= 1_000
        }
        return "\(tenths / 10) EB"
    }

    /// `1 second`, `59 seconds`, `3 minutes`, `2 hours`, `4 days`, rounded up.
    static func duration(seconds: UInt64) -> String {
        for (length, name, limit) in [
            (1, "second", 100), (60, "minute", 6_000), (3_600, "hour", 172_800), (86_400, "day", UInt64.max),
        ] as [(UInt64, String, UInt64)] where seconds < limit {
            let value = seconds / length + (seconds % length == 0 ? 0 : 1)
            return "\(count(value)) \(name)\(value == 1 ? "" : "s")"
        }
        return "for ever"
    }

    /// How long `bytes` take at `rate`; nil if nothing moves, or so little that it says nothing.
    static func timeLeft(bytes: UInt64, rate: UInt64) -> String? {
        guard bytes > 0, rate > 0, bytes / rate < 30 * 86_400 else { return nil }
        return duration(seconds: bytes / rate + (bytes % rate == 0 ? 0 : 1))
    }
}
