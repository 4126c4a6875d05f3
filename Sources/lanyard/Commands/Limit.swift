import ArgumentParser
import ControlAPI

struct Limit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Show or bound what all connections together send and receive.",
        discussion: """
            Without an option it shows the bounds. A rate is a number of bytes a second, with k, M or G for thousands, \
            millions or milliards: 500k, 2M, 1.5MB/s; or: off. It holds at once, and over restarts.
            """)

    @Option(help: ArgumentHelp("What may be sent.", valueName: "rate"))
    var send: Rate?

    @Option(help: ArgumentHelp("What may be received.", valueName: "rate"))
    var receive: Rate?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let agent = try global.agent()
        var limits = try agent.rateLimits()
        if let send { limits.sendBytesPerSecond = send.bytesPerSecond }
        if let receive { limits.receiveBytesPerSecond = receive.bytesPerSecond }
        if send != nil || receive != nil { limits = try agent.setRateLimits(limits) }
        try global.show(
            limits,
            [
                "sending:   \(Self.text(limits.sendBytesPerSecond))",
                "receiving: \(Self.text(limits.receiveBytesPerSecond))",
            ])
    }

    private static func text(_ limit: UInt64?) -> String {
        guard let limit else { return "no limit" }
        return "at most \(Units.bytes(limit))/s"
    }
}

/// Bytes a second as people write them; nil for `off`.
struct Rate: ExpressibleByArgument, Hashable {
    let bytesPerSecond: UInt64?

    init?(argument: String) {
        if argument == "off" {
            bytesPerSecond = nil
            return
        }
        var word = argument[...]
        if word.hasSuffix("/s") { word = word.dropLast(2) }
        if word.hasSuffix("B") { word = word.dropLast() }
        var unit: UInt64 = 1
        if let letter = word.last, let factor = Self.units[letter] {
            unit = factor
            word = word.dropLast()
        }
        guard let number = Self.number(word, times: unit) else { return nil }
        bytesPerSecond = number
    }

    private static let units: [Character: UInt64] = [
        "k": 1_000, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000,
    ]

    /// Digits, and up to three more behind a point; nil for anything else, and for what is beyond 64 bits.
    private static func number(_ word: Substring, times unit: UInt64) -> UInt64? {
        let parts = word.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = digits(parts[0]) else { return nil }
        let (product, isOver) = whole.multipliedReportingOverflow(by: unit)
        if isOver { return nil }
        guard parts.count == 2 else { return product }
        guard unit > 1, parts[1].count <= 3, let part = digits(parts[1]) else { return nil }
        let thousandths = part * [100, 10, 1][parts[1].count - 1]
        let (sum, isBeyond) = product.addingReportingOverflow(thousandths * (unit / 1_000))
        return isBeyond ? nil : sum
    }

    private static func digits(_ word: Substring) -> UInt64? {
        guard !word.isEmpty, word.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return UInt64(word)
    }
}
