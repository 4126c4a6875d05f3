import Testing

@testable import lanyard

struct RateTests {
    @Test(
        arguments: [
            ("65536", 65_536), ("500k", 500_000), ("500K", 500_000), ("2M", 2_000_000), ("1.5MB/s", 1_500_000),
            ("1.25k", 1_250), ("0.001k", 1), ("3G", 3_000_000_000), ("64000B", 64_000), ("7/s", 7), ("0", 0),
            ("18446744073709551615", UInt64.max), ("18446744073.709G", 18_446_744_073_709_000_000),
        ] as [(String, UInt64)])
    func aRateIsReadAsPeopleWriteIt(word: String, bytes: UInt64) {
        #expect(Rate(argument: word)?.bytesPerSecond == bytes)
    }

    @Test func offIsNoBound() throws {
        let rate = try #require(Rate(argument: "off"))
        #expect(rate.bytesPerSecond == nil)
    }

    @Test(arguments: [
        "", "k", "B", "/s", ".", "1.", ".5M", "1.5", "1.2345M", "-1", "+1", "1 M", "1e6", "0x10", "1kk", "٣", "OFF",
        "18446744073709551616", "18446744074G", "18446744073.710G", "1.5.5M", "inf", "nan",
    ])
    func everythingElseIsRefused(word: String) {
        #expect(Rate(argument: word) == nil)
    }
}
